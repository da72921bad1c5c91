import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sampleLines } from '../unit/engine/support.ts'
import { cairn } from './run.ts'

// One workspace through every command, in the order a person would use them.

let folder: string
const at = (name: string) => join(folder, name)
const on = (command: string, ...args: string[]) => cairn([command, ...args, '-w', at('study')])
const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-study-'))
  const lines = sampleLines('dpo').slice(0, 30)
  writeFileSync(at('dpo.jsonl'), `${lines.join('\n')}\n{"prompt": "torn", "raw_generation": 7\n`)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('refuses commands on a workspace that is not there, and makes none', async () => {
  const { code, stderr } = await on('stats')
  expect(code).toBe(4)
  expect(stderr).toContain('There is no workspace')
  expect(existsSync(at('study'))).toBe(false)
})

it('previews without making a workspace and saves the mapping', async () => {
  const { code, stdout } = await on(
    'import',
    at('dpo.jsonl'),
    '--preview',
    '--save-mapping',
    at('mapping.json'),
  )
  expect(code).toBe(0)
  expect(stdout).toContain('countdown_eval')
  expect(JSON.parse(readFileSync(at('mapping.json'), 'utf8'))).toMatchObject({
    shape: 'countdown_eval',
    fields: { response: 'raw_generation' },
  })
  expect(existsSync(at('study'))).toBe(false)
})

it('imports with the saved mapping, and --strict tells of the rejected line', async () => {
  const { code, stdout } = await on(
    'import',
    at('dpo.jsonl'),
    '--mapping',
    at('mapping.json'),
    '--json',
    '--strict',
  )
  expect(code).toBe(3)
  expect(JSON.parse(stdout)).toMatchObject({ read: 31, imported: 30, duplicates: 0, rejected: 1 })
})

it('lists rejects with their place and imports them once mended', async () => {
  const [reject] = rows((await on('rejects', '--json')).stdout)
  expect(reject).toMatchObject({ line: 31, code: 'invalid_json' })
  writeFileSync(
    at('mended.jsonl'),
    JSON.stringify({ ...reject, raw: '{"prompt": "mended", "raw_generation": "7"}' }),
  )
  const { stdout } = await on('rejects', '--mended', at('mended.jsonl'), '--json')
  expect(JSON.parse(stdout)).toEqual({ read: 1, imported: 1, duplicates: 0, rejected: 0, left: 0 })
  expect((await on('rejects')).stderr).toContain('No rejected records')
})

it('classifies once, and nothing the second time', async () => {
  expect(JSON.parse((await on('classify', '--json', '--device', 'cpu')).stdout)).toMatchObject({
    traces: 31,
    provider: 'cpu',
  })
  expect(JSON.parse((await on('classify', '--json', '--device', 'cpu')).stdout)).toMatchObject({ traces: 0 })
})

it('says why CUDA cannot be used when it is asked for by name', async () => {
  const { code, stderr } = await on('classify', '--force', '--device', 'cuda')
  if (code === 0) return
  expect(stderr).toMatch(/CUDA cannot be used: .+/)
})

it('counts, searches and shows', async () => {
  const { runs } = JSON.parse((await on('stats', '--json', '--min', 'backtracking=1')).stdout) as {
    runs: { traces: number; behaviours: { backtracking: { share: number } } }[]
  }
  expect(runs[0]!.behaviours.backtracking.share).toBe(1)
  const hits = rows((await on('search', 'equation', '--json', '-n', '3')).stdout)
  expect(hits).toHaveLength(3)
  expect((await on('search', 'nothinglikethis')).code).toBe(1)
  const { stdout } = await on('show', String(hits[0]!['id']))
  expect(stdout).toContain(`trace ${String(hits[0]!['id'])} · dpo`)
  expect(stdout).toMatch(/^ *\d+ V +\S/m)
  // Steps count from 1, as in the window and in what the other commands print.
  expect(stdout).toMatch(/^ *1 [VBSC ]{4} /m)
  expect(stdout).not.toMatch(/^ *0 [VBSC ]{4} /m)
})

it('shows what the newest label says where people disagree', async () => {
  const file = at('disagree.jsonl')
  const text = 'Let me check: 2 + 2 = 4.'
  writeFileSync(file, JSON.stringify({ prompt: 'p', response: text }))
  const inWorkspace = (...args: string[]) => cairn([...args, '-w', at('disagree')])
  await inWorkspace('import', file)
  await inWorkspace('classify', '--device', 'cpu')
  const letters = async (verdicts: ['present' | 'absent', string][]) => {
    const annotations = verdicts.map(([verdict, day]) => ({
      ...{ start: 0, end: text.length, behaviour: 'backward_chaining', verdict, annotator: day },
      at: `2026-01-${day}T00:00:00.000Z`,
    }))
    const head = { format: 'cairn.annotations', version: 1, trace: {}, offset_unit: 'utf16', text }
    writeFileSync(at('disagree.labels.jsonl'), JSON.stringify({ ...head, annotations }))
    await inWorkspace('labels', 'import', at('disagree.labels.jsonl'))
    return /^ *1 ([VBSC ]{4}) /m.exec((await inWorkspace('show', '1')).stdout)?.[1]?.at(-1)
  }
  expect(await letters([['present', '01']])).toBe('C')
  expect(await letters([['absent', '03']])).toBe(' ')
  expect(await letters([['present', '02']])).toBe(' ')
  expect(await letters([['present', '04']])).toBe('C')
})

it('exports, and reads annotations back', async () => {
  expect((await on('export', at('sft.jsonl'), '--correct', '-f', 'query_completion')).code).toBe(0)
  const exported = rows(readFileSync(at('sft.jsonl'), 'utf8'))
  expect(exported.length).toBeGreaterThan(0)
  expect(
    exported.every((row) => typeof row['query'] === 'string' && typeof row['completion'] === 'string'),
  ).toBe(true)
  expect((await on('export', at('sft.jsonl'))).code).toBe(1)
  await on('export', at('labels.jsonl'), '-f', 'annotations')
  const { stdout } = await on('labels', 'import', at('labels.jsonl'), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ read: 31, unmatched: 0, invalid: 0 })
})

it('filters by the Countdown verdict where the file does not say what is correct', async () => {
  // The second completion is empty: nothing asks it for an <answer>, so nothing is said of it.
  const file = join(import.meta.dirname, '../fixtures/shapes/completions_step40.json')
  await cairn(['import', file, '-w', at('verdict')])
  const traces = async (flag: string) => {
    const { stdout } = await cairn(['stats', flag, '--json', '-w', at('verdict')])
    return (JSON.parse(stdout) as { runs: { traces: number }[] }).runs[0]?.traces ?? 0
  }
  expect([await traces('--correct'), await traces('--incorrect'), await traces('--unknown')]).toEqual([
    1, 0, 1,
  ])
})

it('lists jobs, resumes none that is done, and finds the workspace sound', async () => {
  const jobs = rows((await on('jobs', '--json')).stdout)
  expect(jobs.some(({ kind, state }) => kind === 'import' && state === 'done')).toBe(true)
  expect((await cairn(['jobs', 'resume', '1', '-w', at('study')])).code).not.toBe(0)
  const { code, stdout } = await on('doctor', '--json')
  expect(code).toBe(0)
  const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string }[] }
  expect(checks.find(({ name }) => name === 'workspace')?.state).toBe('ok')
})
