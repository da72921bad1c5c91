import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cairn, shell } from './run.ts'

// What a command is told to select it selects, or it says why not.

let folder: string
const at = (name: string) => join(folder, name)
const on = (...args: string[]) => cairn([...args, '-w', at('study')])
const rowsOf = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-selections-'))
  const rows = [
    { run: 'dpo', prompt: 'What is 1 + 1?', response: 'Wait, it is \\boxed{2}', answer: '2', correct: true },
    { run: 'grpo', prompt: 'What is 2 + 3?', response: 'Let it be \\boxed{4}', answer: '5', correct: false },
  ]
  writeFileSync(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  expect((await on('import', at('rows.jsonl'))).code).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each(['--incorrect', '--unknown'])('--correct beside %s is refused', async (other) => {
  const { code, stdout, stderr } = await on('stats', '--json', '--correct', other)
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('cannot be used with')])
})

it.each([
  ['graph', (line: Record<string, unknown>) => line['run'], 'grpo'],
  ['verify', (line: Record<string, unknown>) => (line['trace'] as { run: string }).run, 'grpo'],
  ['problems', (line: Record<string, unknown>) => line['prompt'], 'What is 2 + 3?'],
])(
  '%s selects the traces of a workspace by --run, and refuses what says how files are read',
  async (name, of, only) => {
    const { code, stdout } = await on(name, '--json', '--run', 'grpo')
    expect([code, rowsOf(stdout).map(of)]).toEqual([0, [only]])
    const refused = await on(name, '--json', '--strict')
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('--strict says how files are read'),
    ])
  },
)

it('a set of a workspace is made of the run that is named, and of no files beside it', async () => {
  writeFileSync(at('plain.yaml'), 'recipe: 1\nname: plain\noutput: { container: jsonl }\n')
  const curate = (out: string, ...args: string[]) =>
    cairn(['curate', at('plain.yaml'), '--out', at(out), ...args])
  const made = await curate('set', '--from', at('study'), '--run', 'grpo')
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('plain: 1 rows')])
  const { source } = JSON.parse(readFileSync(at('set/manifest.json'), 'utf8')) as {
    source: { filter: unknown }
  }
  expect(source.filter).toEqual({ runs: ['grpo'] })
  const mixed = await curate('mixed', '--from', at('rows.jsonl'), at('study'))
  expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringContaining(`${at('study')} is a workspace`)])
})

it('a mapping is saved by a preview only, and over no file that is there', async () => {
  const alone = await cairn(['import', at('rows.jsonl'), '--save-mapping', at('m.json'), '-w', at('none')])
  expect([alone.code, alone.stderr]).toEqual([
    2,
    expect.stringContaining('--save-mapping goes with --preview'),
  ])
  const preview = () => cairn(['import', at('rows.jsonl'), '--preview', '--save-mapping', at('m.json')])
  expect((await preview()).code).toBe(0)
  writeFileSync(at('m.json'), 'edited')
  const again = await preview()
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('is there already and was left as it is'),
  ])
  expect(readFileSync(at('m.json'), 'utf8')).toBe('edited')
})

it.skipIf(process.platform === 'win32')(
  'a mapping is saved to what is no file, as it is there for',
  async () => {
    const line = `cairn import '${at('rows.jsonl')}' --preview --save-mapping /dev/stdout --json`
    const { stdout, stderr } = await shell(`set -o pipefail; ${line} | cat; echo code $?`)
    expect(stderr).toContain('written to /dev/stdout')
    expect(stdout).toMatch(/^\{\n {2}"shape": .*code 0\n$/s)
  },
)

it('a search takes operators within quotes of the shell, and says that there is no hit', async () => {
  const hits = await on('search', 'wait OR let', '--json')
  expect([hits.code, rowsOf(hits.stdout).length]).toEqual([0, 2])
  const none = await on('search', 'let it wait')
  expect(none).toEqual({ code: 1, stdout: '', stderr: 'No hits.\n' })
})

it('a label file of which no row can be read is a failure', async () => {
  writeFileSync(at('labels.jsonl'), 'not a label\nnor this\n')
  const { code, stderr } = await on('labels', 'import', at('labels.jsonl'))
  expect([code, stderr]).toEqual([1, expect.stringContaining('2 invalid')])
})
