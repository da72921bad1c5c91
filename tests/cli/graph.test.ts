import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unpackGraph } from '#shared/domain/graph/packed.ts'
import { openEngine } from '../unit/engine/support.ts'
import { cairn } from './run.ts'

const LOG = `Current State: 24:[4, 8, 2], Operations: []
Exploring Operation: 8-4=4, Resulting Numbers: [2, 4]
Generated Node #0,0: 24:[2, 4] Operation: 8-4=4
Moving to Node #0,3
Current State: 24:[4, 8, 2], Operations: []
`
const PROSE =
  '😀 We need the area. Maybe it is 12. Wait, that is wrong. Alternatively, it is 14. Check: 14 fits. So 14.'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-graph-'))
  file = join(folder, 'traces.jsonl')
  const rows = [
    { id: 'search', prompt: 'Make 24.', response: LOG },
    { id: 'prose', prompt: 'What is the area?', response: PROSE },
  ]
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface Line {
  trace: string
  method: string
  offset_unit: string
  nodes: {
    id: number
    parent: number | null
    start: number
    end: number
    state?: { node?: string }
    flags?: string[]
  }[]
  edges: { from: number; to: number; type: string; confidence: number }[]
  measures: Record<string, unknown>
}
const lines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

describe('cairn graph', () => {
  it('prints one line a trace, in order, offsets in code points', async () => {
    const { code, stdout } = await cairn(['graph', file, '--json'])
    expect(code).toBe(0)
    const [search, prose] = lines(stdout)
    expect([search!.trace, search!.method, prose!.trace, prose!.method]).toEqual([
      'search',
      'exact',
      'prose',
      'inferred',
    ])
    expect(search!.nodes.map(({ state, parent, flags }) => [state?.node, parent, flags])).toEqual([
      ['0', null, undefined],
      ['0,0', 0, undefined],
      ['0,3', 0, ['nonexistent']],
    ])
    const characters = [...PROSE]
    expect(prose!.offset_unit).toBe('code_points')
    expect(characters.slice(prose!.nodes[1]!.start, prose!.nodes[1]!.end).join('')).toMatch(
      /^😀 We need[^]*\.$/,
    )
    expect(prose!.nodes.at(-1)!.end).toBe(characters.length)
    const utf16 = lines((await cairn(['graph', file, '--json', '--offsets', 'utf16'])).stdout)
    expect(utf16[1]!.nodes.at(-1)!.end).toBe(PROSE.length)
  })

  it('prints the measures as CSV, and a summary for people', async () => {
    const { stdout } = await cairn(['graph', file, '--csv'])
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^trace,run,sample,method,nodes,depth,/)
    expect(rows).toHaveLength(2)
    for (const row of rows) expect(row.split(',')).toHaveLength(head!.split(',').length)
    expect((await cairn(['graph', file])).stdout).toMatch(/run +method +traces[^]*exact +1 [^]*inferred +1 /)
  })
})

describe('cairn graph --format', () => {
  it('writes a file for every trace, also where one is called as another with its number', async () => {
    const same = join(folder, 'same.jsonl')
    const ids = ['a', 'A', 'a-2', 'a', 'a-2']
    const rows = ids.map((id, at) => ({ id, prompt: 'How many?', response: `Maybe ${at}. So ${at}.` }))
    writeFileSync(same, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const out = join(folder, 'documents')
    expect((await cairn(['graph', same, '--format', 'json', '--out', out])).code).toBe(0)
    // In lower case, since some disks know no other.
    const names = readdirSync(out).map((name) => name.toLowerCase())
    expect(names.toSorted()).toEqual(['a-2-2.json', 'a-2-3.json', 'a-2.json', 'a-3.json', 'a.json'])
  })
})

describe('cairn graph on a workspace', () => {
  it('heeds edits, tells them, and gives their targets to train on', async () => {
    const workspace = join(folder, 'workspace')
    await cairn(['import', file, '-w', workspace])
    const bare = await cairn(['graph', '--workspace', workspace, '--json'])
    expect(bare.stderr).toContain('2 traces are neither classified nor labelled')
    const { client, close } = openEngine(workspace)
    const [, prose] = await client.call('traces.list', { limit: 2 })
    const start = PROSE.indexOf('Wait')
    const span = { start, end: PROSE.indexOf('Alternatively') - 1 }
    await client.call('labels.add', { traceId: prose!.id, annotator: 'a', span, behaviour: 'backtracking' })
    const graph = unpackGraph((await client.call('graphs.get', { traceId: prose!.id })).graph)
    const turn = graph.nodes.find((node) => node.start === start)!
    const change = {
      kind: 'return' as const,
      node: { id: turn.id, start: turn.start, end: turn.end },
      to: { id: 0, start: 0, end: 0 },
    }
    await client.call('graphs.edit', { traceId: prose!.id, annotator: 'a', add: [change] })
    await close()

    const edited = lines((await cairn(['graph', '-w', workspace, '--json'])).stdout)[1]!
    const { change: told } = (edited as Line & { edits: { change: { node: { start: number } } }[] }).edits[0]!
    // The emoji before it is one code point and two code units.
    expect(told).toMatchObject({
      kind: 'return',
      node: { start: start - 1 },
      to: { id: 0, start: 0, end: 0 },
    })
    const moved = edited.nodes.find((node) => node.start === start - 1)!
    expect(moved.parent).toBe(0)

    const targets = await cairn(['graph', 'targets', '--workspace', workspace])
    const row = JSON.parse(targets.stdout) as { annotations: { returns_to?: number }[] }
    expect(row.annotations).toMatchObject([{ behaviours: ['backtracking'], returns_to: -1 }])
    const targetsOf = async (run: string) =>
      (await cairn(['graph', 'targets', '--workspace', workspace, '--run', run])).stdout
    expect(await targetsOf('nobody')).toBe('')
    expect(await targetsOf(prose!.run)).toBe(targets.stdout)
    const labels = join(folder, 'targets.jsonl')
    writeFileSync(labels, targets.stdout)
    const { returns_to } = JSON.parse(
      (await cairn(['graph', 'eval', '--labels', labels, '--json'])).stdout,
    ) as { returns_to: { n: number } }
    expect(returns_to.n).toBe(1)
  })

  it.each([
    ['targets', ['--format', 'svg'], `option '--format <format>' has no meaning for "graph targets"`],
    ['targets', ['--strict'], `option '--strict' has no meaning for "graph targets"`],
    ['eval', ['--labels', 'x.jsonl', '--run', 'a'], `option '--run <name>' has no meaning for "graph eval"`],
  ])('%s refuses what it has no use for: %j', async (name, options, told) => {
    const workspace = join(folder, 'workspace')
    const { code, stderr } = await cairn([
      'graph',
      name,
      ...(name === 'eval' ? [] : ['-w', workspace]),
      ...options,
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)])
  })

  it('takes either files or a workspace', async () => {
    expect((await cairn(['graph', file, '-w', folder])).stderr).toContain('either files or --workspace')
    expect((await cairn(['graph'])).stderr).toContain('give files, or --workspace')
  })
})

describe('cairn graph eval', () => {
  it('prints accuracy and baselines with exactly the documented keys', async () => {
    const labels = join(folder, 'labels.jsonl')
    const steps = [...PROSE.matchAll(/[^ ][^.]*\./g)].map(({ index, 0: step }) => {
      const start = [...PROSE.slice(0, index)].length
      return [start, start + [...step].length]
    })
    const annotations = [
      { step: 2, start: 0, end: 1, behaviours: ['backtracking'], returns_to: 0 },
      { step: 4, start: 0, end: 1, behaviours: ['verification'], verifies: 3 },
    ]
    writeFileSync(labels, `${JSON.stringify({ id: 1, text: PROSE, steps, annotations })}\n`)
    const { code, stdout } = await cairn(['graph', 'eval', '--labels', labels, '--json'])
    expect(code).toBe(0)
    const result = JSON.parse(stdout) as Record<string, Record<string, Record<string, unknown>>>
    expect(Object.keys(result)).toEqual(['returns_to', 'verifies', 'baselines'])
    for (const set of [result, ...Object.values(result['baselines']!)])
      for (const relation of ['returns_to', 'verifies']) {
        expect(Object.keys(set[relation] as object)).toEqual(['n', 'exact', 'within2'])
        expect((set[relation] as { n: number }).n).toBe(1)
      }
    expect(Object.keys(result['baselines']!)).toEqual(['previous_step', 'start_of_trace', 'last_branch'])
  })

  it('asks for labels', async () => {
    const { code, stdout, stderr } = await cairn(['graph', 'eval'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('--labels')
  })

  it('names the line that is not a labelled trace', async () => {
    const labels = join(folder, 'bad.jsonl')
    writeFileSync(
      labels,
      `\n{"text": "a", "steps": [[0, 1]], "annotations": [{"step": 4, "behaviours": []}]}\n`,
    )
    const { code, stderr } = await cairn(['graph', 'eval', '--labels', labels])
    expect(code).toBe(2)
    expect(stderr).toContain('bad.jsonl:2 is not a labelled trace: it annotates step 4 of 1')
  })
})
