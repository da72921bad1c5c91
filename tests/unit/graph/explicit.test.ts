import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import { thoughtAnchors } from '#engine/importers/shapes/thought-anchors.ts'
import { linksOf } from '#shared/domain/graph/view/links.ts'
import { outline } from '#shared/domain/graph/view/outline.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'
import { expectSound, graphOf } from './support.ts'

describe('explicit parallel branches', () => {
  const TEXT = `We split the work.
<Parallel>
<Path>First way: 2 + 2 = 4.</Path>
<Path>Second way: <Parallel><Path>a</Path><Path>b</Path></Parallel> 3 + 1 = 4.</Path>
</Parallel>
<Summary>Both give 4.</Summary>`
  const { method, nodes, edges } = graphOf(TEXT)
  const at = (text: string) => nodes.find(({ start, end }) => TEXT.slice(start, end).trim().startsWith(text))!

  it('hang side by side from what stands before them, nested ones too', () => {
    expect(method).toBe('exact')
    const fork = at('We split')
    expect(at('First way')).toMatchObject({ kind: 'path', parent: fork.id })
    expect(at('Second way')).toMatchObject({ kind: 'path', parent: fork.id })
    expect(at('a')).toMatchObject({ kind: 'path', parent: at('Second way').id })
    expect(at('b')).toMatchObject({ kind: 'path', parent: at('Second way').id })
  })

  it('are all continued by what follows the block', () => {
    const summary = at('Both give 4')
    const from = edges
      .filter(({ to, type }) => to === summary.id && type === 'continues')
      .map((edge) => edge.from)
    expect(from).toContain(at('First way').id)
    expect(from).toContain(at('3 + 1').id)
    expect(nodes.every(({ fate }) => fate === 'answer')).toBe(true)
  })
})

describe('tree-of-thought logs', () => {
  const PATH =
    '4 * 5 = 20 (left: 6 10 20)\n10 - 6 = 4 (left: 4 20)\n4 + 20 = 24 (left: 24)\nAnswer: (4 * 5) + (10 - 6) = 24\n'
  const OTHER = '4 * 5 = 20 (left: 6 10 20)\n20 - 6 = 15 (left: 10 15)\n'
  const steps = [
    {
      new_ys: ['4 * 5 = 20 (left: 6 10 20)\n'],
      values: [3],
      select_new_ys: ['4 * 5 = 20 (left: 6 10 20)\n'],
    },
    {
      new_ys: [PATH.split('\n').slice(0, 2).join('\n'), OTHER],
      values: [2, 0.5],
      select_new_ys: [PATH.split('\n').slice(0, 2).join('\n')],
    },
  ]

  it('are the tree of their proposals, with scores, states and what was dropped', () => {
    const { method, nodes } = graphOf(PATH, { metadata: { steps } })
    expect(method).toBe('exact')
    expect(
      nodes.map(({ label, parent, fate, state }) => [
        label.slice(0, 10),
        parent,
        fate,
        state?.numbers,
        state?.score,
      ]),
    ).toEqual([
      ['Problem', null, 'answer', undefined, undefined],
      ['4 * 5 = 20', 0, 'answer', [6, 10, 20], 3],
      ['10 - 6 = 4', 1, 'answer', [4, 20], 2],
      ['4 + 20 = 2', 2, 'answer', [24], undefined],
      ['Answer: (4', 3, 'answer', undefined, undefined],
      ['20 - 6 = 1', 1, 'abandoned', [10, 15], 0.5],
    ])
    expect(nodes[5]).toMatchObject({ flags: ['wrong_arithmetic'], state: { value: 14, claimed: 15 } })
  })

  it.skipIf(!hasSharedData)('in the shared data hold every proposal once', () => {
    const logs = JSON.parse(
      readFileSync(join(SHARED_DATA, 'traces/tree-of-thought/game24_bfs.json'), 'utf8'),
    ) as {
      ys: string[]
      steps: { new_ys: string[]; [key: string]: Json }[]
    }[]
    for (const { ys, steps } of logs) {
      const graph = graphOf(ys[0]!, { metadata: { steps } })
      expectSound(graph, segment(ys[0]!))
      const proposals = new Set<string>()
      for (const path of [ys[0]!, ...steps.flatMap(({ new_ys }) => new_ys)]) {
        const lines = path
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '')
        lines.forEach((_, at) => proposals.add(lines.slice(0, at + 1).join('\n')))
      }
      expect(graph.nodes).toHaveLength(proposals.size + 1)
    }
  })
})

describe('thought-anchors dependencies', () => {
  const chunks: Json = [
    { chunk: 'Find x.', chunk_idx: 0, depends_on: [], function_tags: ['problem_setup'], start: 0, end: 10 },
    {
      chunk: 'x = 2.',
      chunk_idx: 1,
      depends_on: ['0'],
      function_tags: ['active_computation'],
      start: 8,
      end: 14,
    },
    {
      chunk: 'Or not.',
      chunk_idx: 2,
      depends_on: ['0'],
      function_tags: ['uncertainty_management'],
      start: 15,
      end: 22,
    },
    {
      chunk: 'Check 2.',
      chunk_idx: 3,
      depends_on: ['0', '1'],
      function_tags: ['self_checking'],
      start: null,
      end: null,
    },
  ]

  it('are taken over as given', () => {
    const { method, nodes, edges, owner } = graphOf('Find x. X is two. Or not. Check two.', {
      metadata: { chunks },
    })
    expect(method).toBe('imported')
    expect(nodes.map(({ parent }) => parent)).toEqual([null, 0, 1, 1, 2])
    expect(edges.filter(({ type }) => type === 'verifies').map(({ from, to }) => [from, to])).toEqual([
      [4, 1],
      [4, 2],
    ])
    expect(nodes.map(({ fate }) => fate)).toEqual(['answer', 'answer', 'answer', 'abandoned', 'answer'])
    expect([...owner]).toEqual([1, 2, 3, 3])
  })

  it('are seen where a sentence rests on several', () => {
    const more = [
      ...(chunks as Json[]),
      { chunk: 'So 2.', chunk_idx: 4, depends_on: ['1', '3'], function_tags: [], start: null, end: null },
      { chunk: 'Twice: 2.', chunk_idx: 5, depends_on: ['2', '4'], function_tags: ['self_checking'] },
    ]
    const text = 'Find x. X is two. Or not. Check two.'
    const graph = graphOf(text, { metadata: { chunks: more } })
    const drawn = outline(graph, segment(text), 'episodes', new Set())
    const nodes = linksOf(graph, drawn).map(({ from, to, type }) => [
      drawn.items[from]!.node,
      drawn.items[to]!.node,
      type,
    ])
    expect(nodes).toEqual([
      [4, 1, 'verifies'],
      [5, 2, 'continues'],
      [6, 3, 'verifies'],
    ])
    // The last sentence checks two: the answer rests on both.
    expect(graph.nodes[3]!.fate).toBe('answer')
    // What a folded item holds is not drawn out of it.
    const folded = outline(graph, segment(text), 'episodes', new Set([drawn.items[1]!.key]))
    expect(linksOf(graph, folded)).toEqual([])
  })

  const model = join(SHARED_DATA, 'traces/thought-anchors/deepseek-r1-distill-qwen-14b')
  it.skipIf(!existsSync(model))('in the shared data keep every dependency on an earlier sentence', () => {
    let dependencies = 0
    for (const verdict of readdirSync(model)) {
      for (const problem of readdirSync(join(model, verdict))) {
        const folder = join(model, verdict, problem)
        const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json
        const labelled = read('chunks_labeled.json') as {
          chunk_idx: number
          depends_on: string[]
          function_tags: string[]
        }[]
        const record = {
          folder,
          base_solution: read('base_solution.json'),
          chunks_labeled: labelled as unknown as Json,
        }
        const result = thoughtAnchors.read(record, { state: new Map() } as never, null)
        if (!('traces' in result)) throw new Error('no trace')
        const { response, metadata } = result.traces[0]!
        const graph = graphOf(response, { metadata })
        expect(graph.method).toBe('imported')
        expectSound(graph, segment(response))
        const joined = new Set(
          graph.edges.map(({ from, to, type }) => (type === 'verifies' ? `${to} ${from}` : `${from} ${to}`)),
        )
        labelled.forEach(({ depends_on }, at) => {
          for (const other of depends_on.map(Number)) {
            if (!(other < at)) continue
            dependencies++
            if (!joined.has(`${other + 1} ${at + 1}`)) expect.fail(`${problem}: ${at} depends on ${other}`)
          }
        })
      }
    }
    expect(dependencies).toBeGreaterThan(1000)
  })
})
