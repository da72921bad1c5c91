import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits, isInVain } from '#shared/domain/graph/apply-edits.ts'
import type { GraphChange, GraphEdit, NodeRef } from '#shared/domain/graph/edits.ts'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { FATES, type ReasoningGraph } from '#shared/domain/graph/types.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { expectSound, graphOf } from './support.ts'

const TEXT = Array.from({ length: 24 }, (_, at) =>
  [
    'We try 3 + 4 = 7.',
    'It has 7 parts.',
    'Wait, that is wrong.',
    'It has 9 parts.',
    'Let me check that.',
    'So we get 7.',
  ][at % 6]!.replace('7', String(at)),
).join('\n\n')
const BOUNDS = segment(TEXT)
const shown = new Uint8Array(BOUNDS.length * 2)
for (let step = 0; step < BOUNDS.length / 2; step++) {
  if (step % 6 === 2) shown[step * 4 + 1] = 1
  if (step % 6 === 4) shown[step * 4] = 1
}
const GRAPH = buildGraph({ text: TEXT, bounds: BOUNDS, shown, prompt: 'p', metadata: {} })

const ref = (graph: ReasoningGraph, id: number): NodeRef => {
  const { start, end } = graph.nodes[id % graph.nodes.length]!
  return { id: id % graph.nodes.length, start, end }
}
const editOf = (change: GraphChange, at = 0): GraphEdit => ({
  ...{ id: at + 1, traceId: 1, change, annotator: 'a', at: '', textHash: '' },
})
const edited = (...changes: GraphChange[]) => applyEdits(GRAPH, BOUNDS, changes.map(editOf), TEXT)
const node = fc.nat(GRAPH.nodes.length - 1).map((id) => ref(GRAPH, id))
const change: fc.Arbitrary<GraphChange> = fc.oneof(
  fc.record({ kind: fc.constant('attach' as const), node, to: node }),
  fc.record({ kind: fc.constant('return' as const), node, to: fc.option(node) }),
  fc.record({ kind: fc.constant('fate' as const), node, fate: fc.constantFrom(...FATES) }),
  fc.record({ kind: fc.constant('split' as const), node, step: fc.nat(BOUNDS.length / 2 - 1) }),
  fc.record({ kind: fc.constant('merge' as const), node }),
)
const byStart = (graph: ReasoningGraph, start: number) =>
  graph.nodes.find((one) => one.start === start && one.id > 0)!

describe('edits of a graph', () => {
  it('leave a sound graph: one root, parents first, every step once; what was inferred stays', () => {
    const before = structuredClone(GRAPH)
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const { graph, lost, origin } = edited(...changes)
        expect(GRAPH).toEqual(before)
        expect(graph.nodes[0]!.parent).toBeNull()
        graph.nodes.forEach(({ id, parent }, at) => {
          expect(id).toBe(at)
          if (at > 0) expect(parent).toBeLessThan(at)
        })
        expect(graph.owner).toHaveLength(GRAPH.owner.length)
        graph.owner.forEach((id) => expect(graph.nodes[id]).toBeDefined())
        for (const { from, to } of graph.edges) {
          expect(graph.nodes[from]).toBeDefined()
          expect(graph.nodes[to]).toBeDefined()
        }
        const parents = graph.edges
          .filter(({ type }) => type === 'continues')
          .map(({ from, to }) => [to, from])
        expect(parents.toSorted((a, b) => a[0]! - b[0]!)).toEqual(
          graph.nodes.slice(1).map(({ id, parent }) => [id, parent]),
        )
        expect(origin).toHaveLength(graph.nodes.length)
        expect(lost.length).toBeLessThanOrEqual(changes.length)
      }),
    )
  })

  it('attach a node elsewhere, but never below itself', () => {
    const below = GRAPH.nodes.findLast(({ parent }) => parent !== null && parent > 0)!
    const [a, b] = [ref(GRAPH, below.parent!), ref(GRAPH, below.id)]
    const { graph, lost } = edited({ kind: 'attach', node: b, to: ref(GRAPH, 0) })
    expect(lost).toEqual([])
    expect(byStart(graph, b.start).parent).toBe(0)
    expect(edited({ kind: 'attach', node: a, to: b }).lost).toEqual([1])
  })

  it('move a return, and take it away', () => {
    const turn = GRAPH.edges.find(({ type }) => type === 'returns_to')!
    const returns = (graph: ReasoningGraph) =>
      graph.edges.filter(({ type, from }) => type === 'returns_to' && graph.nodes[from]!.start === node.start)
    const node = ref(GRAPH, turn.from)
    const moved = edited({ kind: 'return', node, to: ref(GRAPH, 0) }).graph
    expect(returns(moved)).toMatchObject([{ to: 0, confidence: 1 }])
    expect(returns(edited({ kind: 'return', node, to: null }).graph)).toEqual([])
  })

  it('mark a branch dead to its end, and an answer up to the problem', () => {
    const last = ref(GRAPH, GRAPH.nodes.length - 1)
    const dead = edited({ kind: 'fate', node: ref(GRAPH, 1), fate: 'abandoned' }).graph
    dead.nodes.forEach((one) => {
      const under = one.parent !== null && one.parent > 0 && dead.nodes[one.parent]!.fate === 'abandoned'
      if (under) expect(one.fate).toBe('abandoned')
    })
    const { graph } = edited({ kind: 'fate', node: last, fate: 'answer' })
    for (let at: number | null = byStart(graph, last.start).id; at !== null; at = graph.nodes[at]!.parent)
      expect(graph.nodes[at]!.fate).toBe('answer')
  })

  it('split and merge: the two halves merged are what was there', () => {
    const counts = new Map<number, number>()
    for (const id of GRAPH.owner) counts.set(id, (counts.get(id) ?? 0) + 1)
    const id = [...counts].find(([own, count]) => own > 0 && count > 1)![0]
    const step = GRAPH.owner.indexOf(id) + 1
    const whole = ref(GRAPH, id)
    const split: GraphChange = { kind: 'split', node: whole, step }
    const { graph } = edited(split)
    expect(graph.nodes).toHaveLength(GRAPH.nodes.length + 1)
    const half = byStart(graph, BOUNDS[step * 2]!)
    expect(half).toMatchObject({ end: whole.end, parent: byStart(graph, whole.start).id })
    const again = edited(split, {
      kind: 'merge',
      node: { id: half.id, start: half.start, end: half.end },
    }).graph
    expect(again.nodes.map(({ start, end }) => [start, end])).toEqual(
      GRAPH.nodes.map(({ start, end }) => [start, end]),
    )
    expect(again.owner).toEqual(GRAPH.owner)
  })

  it('split a node with its edges: each half keeps the returns to its steps, and the checks of and by them', () => {
    const text = 'One. Two. Three. Wait. Wait. Hm. Check.'
    const bounds = segment(text)
    const at = (first: number, last = first) => ({ start: bounds[first * 2]!, end: bounds[last * 2 + 1]! })
    const plain = { kind: 'episode' as const, label: '', fate: 'open' as const }
    const continues = { type: 'continues' as const, confidence: 1 }
    const graph: ReasoningGraph = {
      ...{ version: 1, method: 'inferred', loops: [], owner: Int32Array.of(1, 1, 1, 2, 3, 4, 5) },
      nodes: [
        { ...plain, id: 0, parent: null, start: 0, end: 0 },
        { ...plain, id: 1, parent: 0, ...at(0, 2) },
        ...[2, 3, 4, 5].map((id) => ({ ...plain, id, parent: 1, ...at(id + 1) })),
      ],
      edges: [
        { from: 0, to: 1, ...continues },
        ...[2, 3, 4, 5].map((to) => ({ from: 1, to, ...continues })),
        { from: 2, to: 1, type: 'returns_to', confidence: 0.5, steps: [3, 0] },
        { from: 3, to: 1, type: 'returns_to', confidence: 0.5, steps: [4, 2] },
        { from: 4, to: 1, type: 'returns_to', confidence: 1 },
        { from: 5, to: 1, type: 'verifies', confidence: 0.5, steps: [6, 0] },
        { from: 1, to: 1, type: 'verifies', confidence: 0.5, steps: [2, 1] },
      ],
    }
    const change = { kind: 'split' as const, node: ref(graph, 1), step: 2 }
    const { nodes, edges } = applyEdits(graph, bounds, [editOf(change)], text).graph
    // The second half is 2 now, what came after the first one up.
    expect(nodes.map(({ parent }) => parent)).toEqual([null, 0, 1, 1, 2, 2, 2])
    expect(
      edges.flatMap(({ from, to, type }) => (type === 'continues' ? [] : [`${from} ${type} ${to}`])),
    ).toEqual([...['3 returns_to 1', '4 returns_to 2', '5 returns_to 2', '6 verifies 1', '2 verifies 1']])
  })

  it('split a node that a return goes to from between its parts: the return never leads ahead', () => {
    const text = 'One. Two. Three. Four.'
    const bounds = segment(text)
    const at = (step: number) => ({ start: bounds[step * 2]!, end: bounds[step * 2 + 1]! })
    const plain = { kind: 'episode' as const, label: '', fate: 'open' as const }
    const continues = { type: 'continues' as const, confidence: 1 }
    const graph: ReasoningGraph = {
      ...{ version: 1, method: 'inferred', loops: [], owner: Int32Array.of(1, 2, 3, 3) },
      nodes: [
        { ...plain, id: 0, parent: null, start: 0, end: 0 },
        { ...plain, id: 1, parent: 0, ...at(0) },
        { ...plain, id: 2, parent: 1, ...at(1) },
        { ...plain, id: 3, parent: 1, start: at(2).start, end: at(3).end },
      ],
      edges: [
        { from: 0, to: 1, ...continues },
        { from: 1, to: 2, ...continues },
        { from: 1, to: 3, ...continues },
      ],
    }
    const whole = { id: 1, start: 0, end: at(3).end }
    const changes: GraphChange[] = [
      { kind: 'return', node: ref(graph, 2), to: ref(graph, 1) },
      { kind: 'merge', node: ref(graph, 3) },
      { kind: 'split', node: whole, step: 3 },
    ]
    const { graph: result, lost } = applyEdits(graph, bounds, changes.map(editOf), text)
    expect(lost).toEqual([])
    expect(result.nodes.map(({ start }) => start)).toEqual([0, 0, at(1).start, at(3).start])
    expect(result.edges.find(({ type }) => type === 'returns_to')).toMatchObject({ from: 2, to: 1 })
  })

  it('split behind the arithmetic of an attempt, where steps are still its own', () => {
    const text = 'Try:\n98 − 96 = 2\nThat is far too small.\nHm.'
    const prompt = 'Using the numbers [98, 96, 34], create an equation that equals 36.'
    const graph = graphOf(text, { prompt })
    const bounds = segment(text)
    const step = graph.owner.lastIndexOf(1)
    const change = { kind: 'split' as const, node: ref(graph, 1), step }
    const { nodes } = applyEdits(graph, bounds, [editOf(change)], text).graph
    expect(nodes.map(({ start, end }) => text.slice(start, end))).toEqual([
      '',
      text.slice(0, bounds[step * 2 - 1]),
      text.slice(bounds[step * 2], bounds[step * 2 + 1]),
    ])
  })
})

describe('edits of a graph with several dependencies a sentence', () => {
  const PARTS = ['First. ', 'Second. ', 'Third. ', 'Fourth. ', 'Fifth. ']
  const text = PARTS.join('')
  const bounds = segment(text)
  /** A graph whose nodes 1 to 5 continue those that are listed for them, counted from 0. */
  const dependent = (...depends: number[][]) => {
    let at = 0
    const chunks = PARTS.map((chunk, index) => {
      const start = at
      at += chunk.length
      return { chunk, chunk_idx: index, start, end: at, depends_on: depends[index]!.map(String) }
    })
    return graphOf(text, { metadata: { chunks } })
  }
  const GIVEN = dependent([], [0], [0], [1, 2], [3])
  const after = (graph: ReasoningGraph, ...changes: GraphChange[]) => {
    const { graph: result, lost } = applyEdits(graph, bounds, changes.map(editOf), text)
    expectSound(result, bounds)
    // Named as before the edits.
    const first = (id: number) => (id === 0 ? 0 : PARTS.indexOf(`${result.nodes[id]!.label} `) + 1)
    return { lost, edges: result.edges.map(({ from, to }) => `${first(from)}-${first(to)}`).toSorted() }
  }

  it('leave the other dependencies alone', () => {
    expect(GIVEN.nodes[4]!.parent).toBe(3)
    const attach = (graph: ReasoningGraph, node: number, to: number) =>
      after(graph, { kind: 'attach', node: ref(graph, node), to: ref(graph, to) })
    expect(attach(GIVEN, 4, 1).edges).toEqual(['0-1', '1-2', '1-3', '1-4', '2-4', '4-5'])
    expect(attach(GIVEN, 4, 2).edges).toEqual(['0-1', '1-2', '1-3', '2-4', '4-5'])
    expect(after(GIVEN, { kind: 'merge', node: ref(GIVEN, 4) }).edges).toEqual([
      ...['0-1', '1-2', '1-3', '2-3', '3-5'],
    ])
    expect(after(GIVEN, { kind: 'merge', node: ref(GIVEN, 3) }).edges).toEqual([
      ...['0-1', '1-2', '1-4', '2-4', '4-5'],
    ])
  })

  it('make no circle by them, and number what is continued first', () => {
    const attach = (node: number, to: number) =>
      after(GIVEN, { kind: 'attach', node: ref(GIVEN, node), to: ref(GIVEN, to) })
    // 4 hangs from 3, but continues 2 as well.
    expect(attach(2, 5).lost).toEqual([1])
    expect(attach(2, 4).lost).toEqual([1])
    // 3 comes to stand after 2, as 4 does anyway.
    expect(attach(2, 3)).toMatchObject({ lost: [], edges: ['0-1', '1-3', '2-4', '3-2', '3-4', '4-5'] })
    const chain = dependent([], [0], [1], [0, 2], [3])
    const moved: GraphChange = { kind: 'attach', node: ref(chain, 4), to: ref(chain, 1) }
    expect(after(chain, moved, { kind: 'merge', node: ref(chain, 4) }).lost).toEqual([])
    const both = dependent([], [0], [0, 1], [0, 1, 2], [3])
    const up: GraphChange = { kind: 'attach', node: ref(both, 4), to: ref(both, 1) }
    // What 4 continues besides would come before and after the merged node.
    expect(after(both, up, { kind: 'merge', node: ref(both, 4) })).toMatchObject({ lost: [2] })
  })

  it('are in vain only where they are lost', () => {
    const attach = (node: number, to: number): GraphChange => ({
      ...{ kind: 'attach', node: ref(GIVEN, node), to: ref(GIVEN, to) },
    })
    expect(isInVain(GIVEN, bounds, [], text, attach(2, 4))).toBe(true)
    expect(isInVain(GIVEN, bounds, [editOf(attach(4, 1))], text, attach(2, 3))).toBe(false)
  })
})
