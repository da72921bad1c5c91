import { describe, expect, it } from 'vitest'
import type { GraphChange, GraphEdit } from '#shared/domain/graph/edits.ts'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { labelledSteps, peoplesTargets } from '#shared/domain/graph/people-targets.ts'
import { segment } from '#shared/domain/segment/index.ts'

const TEXT = [
  'We need the area.',
  'The sides are 3 and 4.',
  'Maybe we multiply them twice.',
  'That gives 144.',
  'Wait, that is wrong.',
  'Alternatively, multiply once.',
  'That gives 12.',
  'Check: 12 fits.',
].join('\n\n')
const BOUNDS = segment(TEXT)
const shown = new Uint8Array(BOUNDS.length * 2)
for (const turn of [4, 5]) shown[turn * 4 + 1] = 1
shown[7 * 4] = 1
const GRAPH = buildGraph({ text: TEXT, bounds: BOUNDS, shown, prompt: 'p', metadata: {} })
const turn = GRAPH.nodes[GRAPH.owner[4]!]!
const first = GRAPH.nodes[GRAPH.owner[0]!]!

const edits = (...changes: GraphChange[]) =>
  changes.map((change, at): GraphEdit => ({
    ...{ id: at + 1, traceId: 1, change, annotator: 'a', at: '', textHash: '' },
  }))
const of = (list: GraphEdit[], labels: Parameters<typeof peoplesTargets>[4] = []) =>
  peoplesTargets(GRAPH, BOUNDS, shown, list, labels, TEXT)

describe("people's targets", () => {
  it('are none without edits and aimed labels', () => {
    const { returns_to, verifies } = of([])
    expect([returns_to.size, verifies.size]).toEqual([0, 0])
  })

  it('are where a return was moved to, for every turn of the node', () => {
    const returns = (to: GraphChange & { kind: 'return' }) => [...of(edits(to)).returns_to]
    expect(returns({ kind: 'return', node: turn, to: GRAPH.nodes[0]! })).toEqual([
      [4, -1],
      [5, -1],
    ])
    const last = GRAPH.owner.lastIndexOf(first.id, 3)
    expect(returns({ kind: 'return', node: turn, to: first })).toEqual([
      [4, last],
      [5, last],
    ])
  })

  it('take a removed return away, and the last edit counts', () => {
    const gone = edits({ kind: 'return', node: turn, to: null })
    expect([...of(gone).returns_to]).toEqual([
      [4, null],
      [5, null],
    ])
    expect(labelledSteps(shown, of(gone)).map(({ step }) => step)).toEqual([7])
    const back = edits(
      { kind: 'return', node: turn, to: null },
      { kind: 'return', node: turn, to: GRAPH.nodes[0]! },
    )
    expect(of(back).returns_to.get(4)).toBe(-1)
  })

  it('are those of the graph that each edit was made on, and none of an edit that changed nothing', () => {
    const below = GRAPH.nodes.find(({ parent }) => parent === turn.id)!
    expect([...of(edits({ kind: 'return', node: turn, to: below })).returns_to]).toEqual([])
    // What comes later in the text is no place to return to.
    const aside: GraphChange = { kind: 'attach', node: below, to: GRAPH.nodes[0]! }
    expect([...of(edits(aside, { kind: 'return', node: turn, to: below })).returns_to]).toEqual([])
    const ahead: GraphChange = { kind: 'attach', node: turn, to: GRAPH.nodes[0]! }
    expect([...of(edits(ahead, { kind: 'return', node: first, to: turn })).returns_to]).toEqual([])
    const moved: GraphChange = { kind: 'return', node: turn, to: first }
    const last = GRAPH.owner.lastIndexOf(first.id, 3)
    const later = of(
      edits(
        moved,
        { kind: 'split', node: turn, step: 5 },
        { kind: 'split', node: first, step: 1 },
        { kind: 'attach', node: turn, to: GRAPH.nodes[0]! },
      ),
    )
    expect([...later.returns_to]).toEqual([
      [4, last],
      [5, last],
    ])
  })

  it('are not those of a step of which a label has only the first characters', () => {
    const [turn, next] = [BOUNDS[4 * 2]!, BOUNDS[5 * 2]!]
    const aimed = {
      ...{ start: turn, end: next + 2, behaviour: 'backtracking', verdict: 'present' as const },
      ...{ at: null, target: { start: BOUNDS[2]!, end: BOUNDS[3]! } },
    }
    expect([...of([], [aimed]).returns_to]).toEqual([[4, 1]])
  })

  it('are gone where a newer label rejects the behaviour, and there where an older one does', () => {
    const span = (step: number) => ({ start: BOUNDS[step * 2]!, end: BOUNDS[step * 2 + 1]! })
    const present = { verdict: 'present' as const, at: '2026-01-02T00:00:00Z' }
    const absent = { verdict: 'absent' as const, target: null }
    const labels = [
      { ...span(7), ...absent, behaviour: 'verification', at: '2026-01-03T00:00:00Z' },
      { ...span(7), ...present, behaviour: 'verification', target: span(6) },
      { ...span(5), ...absent, behaviour: 'backtracking', at: '2026-01-03T00:00:00Z' },
      { ...span(5), ...present, behaviour: 'backtracking', target: span(1) },
      { ...span(4), ...present, behaviour: 'backtracking', target: span(1) },
      { ...span(4), ...absent, behaviour: 'backtracking', at: '2026-01-01T00:00:00Z' },
    ]
    const found = of([], labels)
    expect([[...found.verifies], [...found.returns_to]]).toEqual([[], [[4, 1]]])
    const moved = of(edits({ kind: 'return', node: turn, to: GRAPH.nodes[0]! }), labels)
    expect([...moved.returns_to]).toEqual([
      [4, -1],
      [5, -1],
    ])
  })

  it('come from labels that point at something', () => {
    const span = (step: number) => ({ start: BOUNDS[step * 2]!, end: BOUNDS[step * 2 + 1]! })
    const present = { verdict: 'present' as const }
    const found = of(
      [],
      [
        { ...span(7), ...present, behaviour: 'verification', target: span(6) },
        { ...span(4), ...present, behaviour: 'backtracking', target: { start: 0, end: 0 } },
        { ...span(5), ...present, behaviour: 'backtracking', target: null },
        { ...span(5), verdict: 'absent', behaviour: 'backtracking', target: span(1) },
      ],
    )
    expect([...found.verifies]).toEqual([[7, 6]])
    expect([...found.returns_to]).toEqual([[4, -1]])
    expect(labelledSteps(shown, found)).toEqual([
      { step: 4, behaviours: ['backtracking'], returns_to: -1 },
      { step: 5, behaviours: ['backtracking'] },
      { step: 7, behaviours: ['verification'], verifies: 6 },
    ])
  })
})
