import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GeneratedRow } from '#shared/domain/generate/index.ts'
import { cairn } from './run.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-generate-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rowsOf = (text: string): GeneratedRow[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as GeneratedRow)

describe('cairn generate countdown', () => {
  it('writes a file that import and labels import read whole', async () => {
    const file = join(folder, 'all.jsonl')
    const ran = await cairn([
      'generate',
      'countdown',
      '--count',
      '120',
      '--seed',
      '5',
      '--out',
      file,
      '--json',
    ])
    expect(ran.code).toBe(0)
    const result = JSON.parse(ran.stdout) as {
      traces: number
      steps: number
      correct: number
      behaviours: Record<string, number>
    }
    const rows = rowsOf(readFileSync(file, 'utf8'))
    expect(result).toMatchObject({
      traces: 120,
      correct: 120,
      steps: rows.flatMap(({ steps }) => steps).length,
    })
    const labels = rows.flatMap(({ annotations }) => annotations.flatMap(({ behaviours }) => behaviours))
    const workspace = join(folder, 'workspace')
    const imported = await cairn(['import', file, '-w', workspace, '--json'])
    expect(JSON.parse(imported.stdout)).toMatchObject({ imported: 120, rejected: 0 })
    const labelled = await cairn(['labels', 'import', file, '-w', workspace, '--json'])
    expect(JSON.parse(labelled.stdout)).toMatchObject({
      read: 120,
      unmatched: 0,
      invalid: 0,
      added: labels.length,
    })
  })

  it('gives the same bytes for the same seed, on standard output too', async () => {
    const args = [
      'generate',
      'countdown',
      '--count',
      '30',
      '--seed',
      'x',
      '--behaviours',
      'backtracking',
      'none',
    ]
    const file = join(folder, 'same.jsonl')
    const [first, second, third] = [
      await cairn(args),
      await cairn(args),
      await cairn([...args, '--out', file]),
    ]
    expect(first.stdout).toBe(second.stdout)
    expect(readFileSync(file, 'utf8')).toBe(first.stdout)
    expect(third.stdout).toBe('')
    expect(rowsOf(first.stdout).map(({ behaviours }) => behaviours.join())).toEqual(
      Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? 'backtracking' : '')),
    )
  })

  it('takes problems, styles, wrong answers and empty thoughts by option', async () => {
    const narrow = await cairn([
      'generate',
      'countdown',
      '--count',
      '20',
      '--numbers',
      '3',
      '--target',
      '10..25',
      '--style',
      'backward',
      '--incorrect',
    ])
    for (const row of rowsOf(narrow.stdout)) {
      expect(row).toMatchObject({ style: 'backward', correct: false })
      expect(row.numbers).toHaveLength(3)
      expect(row.target).toBeLessThanOrEqual(25)
    }
    const dots = await cairn(['generate', 'countdown', '--count', '5', '--thought', 'filler'])
    for (const row of rowsOf(dots.stdout)) expect(row).toMatchObject({ annotations: [], correct: true })
  })

  it.each([
    ['a behaviour that is none', ['--behaviours', 'hesitation'], 'hesitation'],
    ['a style that is none', ['--style', 'random'], 'random'],
    ['a count of nothing', ['--count', '0'], 'whole number'],
    ['a range that is none', ['--target', '25..10'], 'range'],
    ['behaviours of an empty thought', ['--thought', 'empty', '--behaviours', 'backtracking'], 'empty'],
  ])('refuses %s with 2', async (_, args, word) => {
    const ran = await cairn(['generate', 'countdown', ...args])
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' })
    expect(ran.stderr).toContain(word)
  })

  it('keeps a file that is there', async () => {
    const file = join(folder, 'kept.jsonl')
    await cairn(['generate', 'countdown', '--count', '2', '--out', file])
    const before = readFileSync(file, 'utf8')
    const again = await cairn(['generate', 'countdown', '--count', '3', '--out', file])
    expect(again.code).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it.each(['SIGINT', 'SIGHUP'] as const)('leaves no file behind when stopped by %s', async (signal) => {
    const stopped = join(folder, 'stopped.jsonl')
    const ran = await cairn(['generate', 'countdown', '--count', '1000000', '--out', stopped], {
      onStart: async (child) => {
        // Once its unnamed file is there, the command is at work.
        const parts = () => readdirSync(folder).filter((name) => name.endsWith('.part'))
        await expect.poll(parts, { interval: 10, timeout: 20_000 }).toHaveLength(1)
        await sleep(500)
        child.kill(signal)
      },
    })
    expect(ran.code).toBe(130)
    expect(existsSync(stopped)).toBe(false)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })
})
