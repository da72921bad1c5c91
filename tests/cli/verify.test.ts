import { mkdtempSync, readdirSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cairn } from './run.ts'

interface Line {
  trace: { run: string; key: string | null; line: number | null }
  verdict: string
  extracted: string | null
  reference: string | null
  reason: string
  checker: string
  imported: { correct: boolean | null; reward: number | null }
  agrees: boolean | null
}

const PROMPT = 'Using the numbers [51, 25, 52], create an equation that equals 78. Reply in <answer> tags.'
const ROWS = [
  { id: 'a', prompt: 'Half of one?', response: 'So \\boxed{\\frac{1}{2}}', answer: '0.5', correct: true },
  { id: 'b', prompt: 'Half of one?', response: 'So \\boxed{0.5}', answer: '1/2', correct: false },
  { id: 'c', prompt: 'Half of one?', response: 'I cannot say.', answer: '1/2', correct: false },
  { id: 'd', prompt: PROMPT, response: '<answer>52 + 51 - 25</answer>', correct: true },
  { id: 'e', prompt: PROMPT, response: '<answer>52 + 51 - 25</answer>\n', correct: true },
  { id: 'f', prompt: 'Who?', response: 'The answer is Anna.' },
]

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-verify-'))
  file = join(folder, 'some.jsonl')
  writeFileSync(file, ROWS.map((row) => JSON.stringify(row)).join('\n') + '\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

describe('cairn verify', () => {
  it('gives a line a trace, the file’s own verdict beside it', async () => {
    const ran = await cairn(['verify', file, '--json'])
    expect(ran.code).toBe(0)
    const lines = linesOf(ran.stdout)
    expect(lines.map(({ trace, checker, verdict, agrees }) => [trace.key, checker, verdict, agrees])).toEqual(
      [
        ['a', 'math', 'correct', true],
        ['b', 'math', 'correct', false],
        ['c', 'math', 'no_answer', true],
        ['d', 'countdown', 'correct', true],
        ['e', 'countdown', 'no_answer', false],
        ['f', 'none', 'unknown', null],
      ],
    )
    expect(lines[1]).toMatchObject({
      extracted: '0.5',
      reference: '1/2',
      reason: 'equal in value',
      imported: { correct: false },
      trace: { run: 'some', line: 2 },
    })
    expect(ran.stderr).toMatch(/^run +checkpoint +checker/m)
  })

  it('prints the agreement and lists the disagreements', async () => {
    const { stdout, code } = await cairn(['verify', file])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^some +– +math +3 +2 +0 +1 +0 +3 +66\.7% +1$/m)
    expect(stdout).toMatch(/^some · b: file says incorrect, Cairn correct \(equal in value\)/m)
    expect(stdout).toMatch(/^some · e: file says correct, Cairn no_answer/m)
    const few = await cairn(['verify', file, '--show', '1'])
    expect(few.stdout).toContain('and 1 more')
  })

  it('filters to disagreements and takes a checker by name', async () => {
    const some = linesOf((await cairn(['verify', file, '--json', '--disagreements'])).stdout)
    expect(some.map(({ trace }) => trace.key)).toEqual(['b', 'e'])
    const text = linesOf((await cairn(['verify', file, '--json', '--checker', 'text'])).stdout)
    expect(new Set(text.map(({ checker }) => checker))).toEqual(new Set(['text']))
    expect(text[1]!.verdict).toBe('incorrect')
  })

  it('keeps to the exit codes', async () => {
    expect((await cairn(['verify', join(folder, 'nowhere.jsonl')])).code).toBe(1)
    expect((await cairn(['verify', file, '--checker', 'oracle'])).code).toBe(2)
    expect((await cairn(['verify', '-w', join(folder, 'nowhere')])).code).toBe(4)
    const bad = join(folder, 'bad.jsonl')
    writeFileSync(bad, `${JSON.stringify(ROWS[0])}\n{"id": torn\n`)
    expect((await cairn(['verify', bad])).code).toBe(0)
    expect((await cairn(['verify', bad, '--strict'])).code).toBe(3)
  })

  it('leaves nothing behind', async () => {
    const temporary = join(folder, 'tmp')
    mkdirSync(temporary)
    expect((await cairn(['verify', file], { env: { TMPDIR: temporary } })).code).toBe(0)
    expect(readdirSync(temporary)).toEqual([])
  })
})
