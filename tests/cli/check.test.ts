import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedTraces } from './generated-traces.ts'
import { cairn } from './run.ts'

const { at, make } = generatedTraces()

describe('cairn check', () => {
  it('finds what was put there', async () => {
    const good = (prompt: string, number: number) =>
      JSON.stringify({
        prompt,
        completion: `<think>\nWe know that ${'word '.repeat(number % 7)}${number} is it.\n</think>\n<answer>${number}</answer>`,
      })
    const loop = JSON.stringify({
      prompt: 'p7',
      completion: 'Again I try.\n'.repeat(6) + '<answer>1</answer>',
    })
    const long = 'the quick brown fox jumps over the lazy dog and then runs far away'
    cpSync(at('right.jsonl'), at('unsafe', 'ignored.txt'), { recursive: true })
    writeFileSync(
      at('unsafe', 'train.jsonl'),
      [
        good('p1', 1),
        good('p2', 2),
        good('p1', 1),
        loop,
        JSON.stringify({ prompt: long, completion: '<think>Hm' }),
        good('Using the numbers [1, 2], create an equation that equals 3.', 5),
        '{"odd": 1}',
        '',
      ].join('\n'),
    )
    writeFileSync(
      at('unsafe', 'validation.jsonl'),
      [
        good('P1 ', 9),
        good('Using the numbers [2, 1], create an equation that equals 3.', 6),
        JSON.stringify({ prompt: 'p9', completion: '' }),
      ].join('\n'),
    )
    writeFileSync(at('bench.jsonl'), `${JSON.stringify({ question: `So ${long} today.` })}\n`)
    const ran = await cairn(['check', at('unsafe'), '--benchmark', at('bench.jsonl'), '--json', '--strict'])
    expect(ran.code).toBe(3)
    const report = JSON.parse(ran.stdout) as {
      findings: { kind: string; file: string; row: number }[]
      files: { rows: number; unreadable: number }[]
    }
    expect(report.files.map(({ rows, unreadable }) => [rows, unreadable])).toEqual([
      [6, 1],
      [3, 0],
    ])
    const found = report.findings.map(({ kind, file, row }) => `${kind} ${file}:${row}`)
    expect(found).toEqual([
      'exact_duplicate train.jsonl:2',
      'leak_prompt validation.jsonl:0',
      'leak_problem validation.jsonl:1',
      'benchmark_overlap train.jsonl:4',
      'loop train.jsonl:3',
      'truncated train.jsonl:4',
      'empty validation.jsonl:2',
    ])
  })

  it('finds nothing in a set that was made well, and a file that was changed afterwards', async () => {
    await make('backtracking-verification', 'checked')
    const clean = JSON.parse((await cairn(['check', at('checked'), '--json'])).stdout) as {
      findings: unknown[]
      changed: string[]
      labels: Record<string, number>
    }
    expect([clean.findings, clean.changed, clean.labels['file']]).toEqual([[], [], 40])
    rmSync(at('checked', 'data', 'validation.parquet'))
    const broken = JSON.parse((await cairn(['check', at('checked'), '--json'])).stdout) as {
      changed: string[]
    }
    expect(broken.changed).toEqual(['data/validation.parquet is missing'])
  })
})
