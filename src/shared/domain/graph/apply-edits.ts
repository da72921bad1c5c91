import { append } from '../append.ts'
import type { GraphEdit, GraphChange, NodeRef } from './edits.ts'
import { labelOf } from './draft.ts'
import type { Fate, GraphEdge, GraphNode, ReasoningGraph } from './types.ts'

export interface EditedGraph {
  readonly graph: ReasoningGraph
  /** The number that each node had when it was inferred; −1 for nodes that a split made. */
  readonly origin: Int32Array
  /** Ids of edits that fit no node any more, or would make a cycle; they change nothing. */
  readonly lost: readonly number[]
}

interface Draft {
  nodes: (GraphNode & { at: number })[]
  edges: GraphEdge[]
  owner: Int32Array
}

/**
 * A graph as people changed it, edits in the order they were made. The inferred graph stays as it is. As there,
 * every parent comes before its children: nodes are numbered anew where an edit moves them.
 * @param bounds steps that the graph was built on, UTF-16
 */
export function applyEdits(
  graph: ReasoningGraph,
  bounds: Uint32Array,
  edits: readonly GraphEdit[],
  text: string,
): EditedGraph {
  if (edits.length === 0) return { graph, lost: [], origin: Int32Array.from(graph.nodes, ({ id }) => id) }
  // `at` is the number that a node had when it was inferred, which edits name it by.
  const draft: Draft = {
    nodes: graph.nodes.map((node) => ({ ...node, at: node.id })),
    edges: [...graph.edges],
    owner: graph.owner.slice(),
  }
  const lost = edits.filter(({ change }) => !apply(draft, change, bounds, text)).map(({ id }) => id)
  const { origin, ...ordered } = inOrder(draft)
  return { graph: { ...graph, ...ordered }, origin, lost }
}

/** Whether a change after these edits would be lost, as one that makes a cycle is. Parameters as of `applyEdits`. */
export function isInVain(
  graph: ReasoningGraph,
  bounds: Uint32Array,
  edits: readonly GraphEdit[],
  text: string,
  change: GraphChange,
): boolean {
  const id = -1
  const edit = { id, traceId: 0, change, annotator: '', at: '', textHash: '' }
  return applyEdits(graph, bounds, [...edits, edit], text).lost.includes(id)
}

function apply(draft: Draft, change: GraphChange, bounds: Uint32Array, text: string): boolean {
  const id = find(draft, change.node)
  if (id < 0) return false
  if (change.kind === 'fate') return setFate(draft, id, change.fate)
  if (change.kind === 'split') return split(draft, id, change.step, bounds, text)
  if (id === 0) return false
  if (change.kind === 'merge') return merge(draft, id)
  const to = change.to === null ? null : find(draft, change.to)
  if (to !== null && (to < 0 || restsOn(draft, to, id))) return false
  if (change.kind === 'attach') return attach(draft, id, to!)
  draft.edges = draft.edges.filter(({ from, type }) => from !== id || type !== 'returns_to')
  if (to === null) return true
  draft.edges.push({ from: id, to, type: 'returns_to', confidence: 1 })
  return attach(draft, id, to)
}

/** `at` of nodes that a split made, and of those that are part of another now. */
const MADE = -1
const MERGED = -2

/** The node an edit means: the one with its number and text, else the first with its text; −1 for none. */
function find({ nodes }: Draft, { id, start, end }: NodeRef): number {
  const fits = (node: GraphNode) => node.start === start && node.end === end
  const same = nodes.findIndex((node) => node.at === id && node.start === start)
  return same >= 0 ? same : nodes.findIndex((node) => node.at !== MERGED && fits(node))
}

function isBelow({ nodes }: Draft, id: number, above: number): boolean {
  for (let at: number | null = id; at !== null; at = nodes[at]!.parent) if (at === above) return true
  return false
}

/** Whether a node is another one or continues it, by any of the nodes it continues: joined ones have several. */
function restsOn({ edges }: Draft, id: number, other: number): boolean {
  const above = new Map<number, number[]>()
  for (const { from, to, type } of edges) {
    if (type !== 'continues') continue
    const list = above.get(to)
    if (list === undefined) above.set(to, [from])
    else list.push(from)
  }
  const seen = new Set([id])
  // A set goes on with what is added to it meanwhile.
  for (const at of seen) for (const from of above.get(at) ?? []) seen.add(from)
  return seen.has(other)
}

/** Hangs a node from another one. What else it continues it goes on continuing. */
function attach(draft: Draft, id: number, parent: number): boolean {
  const old = draft.nodes[id]!.parent
  draft.nodes[id] = { ...draft.nodes[id]!, parent }
  draft.edges = withoutDoubles(
    draft.edges.map((edge) =>
      edge.type === 'continues' && edge.to === id && edge.from === old
        ? { ...edge, from: parent, confidence: 1 }
        : edge,
    ),
  )
  return true
}

/** A search log may return to a node several times, but nothing continues another twice. */
function withoutDoubles(edges: readonly GraphEdge[]): GraphEdge[] {
  const seen = new Set<string>()
  return edges.filter(({ from, to, type }) => {
    const key = `${from} ${to}`
    if (type !== 'continues') return true
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** A dead branch is dead all the way down; an answer rests on all that is above it. */
function setFate(draft: Draft, id: number, fate: Fate): boolean {
  if (fate === 'answer') {
    for (let at: number | null = id; at !== null; at = draft.nodes[at]!.parent)
      draft.nodes[at] = { ...draft.nodes[at]!, fate }
    return true
  }
  draft.nodes = draft.nodes.map((node, at) => (isBelow(draft, at, id) ? { ...node, fate } : node))
  return true
}

function split(draft: Draft, id: number, step: number, bounds: Uint32Array, text: string): boolean {
  const { owner, nodes } = draft
  const first = owner.indexOf(id)
  if (owner[step] !== id || step <= first) return false
  const old = nodes[id]!
  const start = bounds[step * 2]!
  const made = nodes.length
  const label = labelOf(text, start, bounds[step * 2 + 1]!)
  // An attempt ends with its arithmetic; the steps after that are its own too.
  const end = Math.max(old.end, bounds[step * 2 + 1]!)
  nodes.push({ at: MADE, id: made, parent: id, start, end, kind: 'episode', label, fate: old.fate })
  nodes[id] = { ...old, end: bounds[step * 2 - 1]! }
  for (let at = step; at < owner.length; at++) if (owner[at] === id) owner[at] = made
  // A turn stays with the half that it returns to.
  const staying = new Set(
    draft.edges.flatMap(({ from, to, type, steps }) =>
      type === 'returns_to' && to === id && steps !== undefined && steps[1] < step ? [from] : [],
    ),
  )
  const leaves = ({ to, type, steps }: GraphEdge) =>
    steps === undefined
      ? type === 'continues' && nodes[to]!.start >= start && !staying.has(to)
      : steps[0] >= step
  // A return that a person moved goes to the end of the node, as far as that comes before it.
  const reaches = ({ from, type, steps }: GraphEdge) =>
    steps === undefined ? type === 'returns_to' && nodes[from]!.start >= start : steps[1] >= step
  draft.edges = draft.edges.map((edge) => ({
    ...edge,
    from: edge.from === id && leaves(edge) ? made : edge.from,
    to: edge.to === id && reaches(edge) ? made : edge.to,
  }))
  for (const { from, to, type } of draft.edges)
    if (type === 'continues' && from === made && nodes[to]!.parent === id)
      nodes[to] = { ...nodes[to]!, parent: made }
  draft.edges.push({ from: id, to: made, type: 'continues', confidence: 1 })
  return true
}

function merge(draft: Draft, id: number): boolean {
  const { nodes, owner } = draft
  const gone = nodes[id]!
  const parent = gone.parent!
  // What lies between the two would come before and after the one that they become.
  const isBetween = ({ from, to, type }: GraphEdge) =>
    type === 'continues' && to === id && from !== parent && restsOn(draft, from, parent)
  if (parent === 0 || draft.edges.some(isBetween)) return false
  const above = nodes[parent]!
  nodes[parent] = { ...above, start: Math.min(above.start, gone.start), end: Math.max(above.end, gone.end) }
  for (let at = 0; at < owner.length; at++) if (owner[at] === id) owner[at] = parent
  for (const [child, node] of nodes.entries()) if (node.parent === id) nodes[child] = { ...node, parent }
  draft.edges = withoutDoubles(
    draft.edges
      .map((edge) => ({
        ...edge,
        from: edge.from === id ? parent : edge.from,
        to: edge.to === id ? parent : edge.to,
      }))
      .filter(({ from, to }) => from !== to),
  )
  // Left as a hole, so that numbers stay; `inOrder` closes it.
  nodes[id] = { ...gone, at: MERGED, parent: null }
  return true
}

/** Numbers nodes so that what they continue comes first, in the order of the text where that leaves a choice. */
function inOrder({
  nodes,
  edges,
  owner,
}: Draft): Pick<ReasoningGraph, 'nodes' | 'edges' | 'owner'> & { origin: Int32Array } {
  const onward: number[][] = nodes.map(() => [])
  const waits = new Int32Array(nodes.length)
  for (const { from, to, type } of edges) {
    if (type !== 'continues') continue
    onward[from]!.push(to)
    waits[to]!++
  }
  const numbers = new Int32Array(nodes.length).fill(-1)
  const order: number[] = []
  const ready = [0]
  while (ready.length > 0) {
    let best = 0
    for (let at = 1; at < ready.length; at++)
      if (isEarlier(nodes[ready[at]!]!, nodes[ready[best]!]!)) best = at
    const [id] = ready.splice(best, 1)
    numbers[id!] = order.length
    order.push(id!)
    append(
      ready,
      onward[id!]!.filter((next) => --waits[next]! === 0),
    )
  }
  return {
    nodes: order.map((id) => {
      const { at: _at, ...node } = nodes[id]!
      return { ...node, id: numbers[id]!, parent: node.parent === null ? null : numbers[node.parent]! }
    }),
    edges: edges.map((edge) => ({ ...edge, from: numbers[edge.from]!, to: numbers[edge.to]! })),
    owner: owner.map((id) => numbers[id]!),
    origin: Int32Array.from(order, (id) => nodes[id]!.at),
  }
}

const isEarlier = (a: GraphNode, b: GraphNode) => a.start < b.start || (a.start === b.start && a.id < b.id)
