import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits } from '#shared/domain/graph/apply-edits.ts'
import type { GraphChange, GraphEdit, NodeRef } from '#shared/domain/graph/edits.ts'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { FATES, type ReasoningGraph } from '#shared/domain/graph/types.ts'
import { segment } from '#shared/domain/segment/index.ts'

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
const edited = (...changes: GraphChange[]) =>
  applyEdits(
    GRAPH,
    BOUNDS,
    changes.map((change, at): GraphEdit => ({
      id: at + 1,
      traceId: 1,
      change,
      annotator: 'a',
      at: '',
      textHash: '',
    })),
    TEXT,
  )
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
})
