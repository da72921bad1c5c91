import {
  FATES,
  type EdgeType,
  type GraphEdge,
  type GraphNode,
  type NodeKind,
  type ReasoningGraph,
} from './types.ts'

/**
 * A graph as it travels between processes and lies in memory: numbers in columns, words in texts. That of a
 * trace of 1 MB has 18,000 nodes; as objects, each process on its way would work on it for hundreds of milliseconds.
 */
export interface PackedGraph extends Pick<ReasoningGraph, 'version' | 'method' | 'loops' | 'owner'> {
  /** Of each node its parent (−1 for none), start, end and count (0 for none). */
  readonly nodes: Int32Array
  /** Of each node its kind and fate, as places in `KINDS` and `FATES`. */
  readonly looks: Uint8Array
  /** JSON, UTF-8: a list of the nodes' labels. */
  readonly labels: Uint8Array
  /** JSON, UTF-8: the states and flags of the nodes, one text after the other, none for a node without. */
  readonly states: Uint8Array
  /** Where the text of each node ends in `states`, UTF-16. */
  readonly stateEnds: Uint32Array
  /** Of each edge its ends and the steps that it joins (both −2 for none). */
  readonly edges: Int32Array
  /** Of each edge its type, as a place in `EDGE_TYPES`. */
  readonly edgeTypes: Uint8Array
  readonly confidence: Float64Array
}

const KINDS: readonly NodeKind[] = [
  ...(['problem', 'node', 'leaf', 'attempt', 'operation', 'episode'] as const),
  ...(['check', 'subgoal', 'path', 'case', 'chunk', 'loop'] as const),
]
const EDGE_TYPES: readonly EdgeType[] = ['continues', 'returns_to', 'verifies', 'part_of']
const NO_STEP = -2

export function packGraph({ nodes, edges, ...rest }: ReasoningGraph): PackedGraph {
  const states = nodes.map(({ state, flags }) =>
    state === undefined && flags === undefined ? '' : JSON.stringify({ state, flags }),
  )
  const utf8 = new TextEncoder()
  let end = 0
  return {
    ...rest,
    nodes: Int32Array.from(
      nodes.flatMap(({ parent, start, end, count }) => [parent ?? -1, start, end, count ?? 0]),
    ),
    looks: Uint8Array.from(nodes.flatMap(({ kind, fate }) => [KINDS.indexOf(kind), FATES.indexOf(fate)])),
    labels: utf8.encode(JSON.stringify(nodes.map(({ label }) => label))),
    states: utf8.encode(states.join('')),
    stateEnds: Uint32Array.from(states, (text) => (end += text.length)),
    edges: Int32Array.from(
      edges.flatMap(({ from, to, steps }) => [from, to, ...(steps ?? [NO_STEP, NO_STEP])]),
    ),
    edgeTypes: Uint8Array.from(edges, ({ type }) => EDGE_TYPES.indexOf(type)),
    confidence: Float64Array.from(edges, ({ confidence }) => confidence),
  }
}

/** The inverse of `packGraph`. What a node's state says is read when it is asked for. */
export function unpackGraph(packed: PackedGraph): ReasoningGraph {
  const { version, method, loops, owner, nodes, looks, stateEnds, edges, confidence } = packed
  const utf8 = new TextDecoder()
  const labels = JSON.parse(utf8.decode(packed.labels)) as string[]
  const states = utf8.decode(packed.states)
  const nodeAt = (label: string, id: number): GraphNode => {
    const [parent, start, end, count] = fourOf(nodes, id)
    const [kind, fate] = [KINDS[looks[id * 2]!]!, FATES[looks[id * 2 + 1]!]!]
    const plain = { id, parent: parent < 0 ? null : parent, start, end, kind, label, fate }
    const node = count === 0 ? plain : { ...plain, count }
    const from = id === 0 ? 0 : stateEnds[id - 1]!
    const to = stateEnds[id]!
    return from === to ? node : withState(node, () => states.slice(from, to))
  }
  const edgeAt = (type: number, at: number): GraphEdge => {
    const [from, to, first, last] = fourOf(edges, at)
    const edge = { from, to, type: EDGE_TYPES[type]!, confidence: confidence[at]! }
    return first === NO_STEP ? edge : { ...edge, steps: [first, last] }
  }
  return {
    ...{ version, method, loops, owner },
    nodes: labels.map(nodeAt),
    edges: Array.from(packed.edgeTypes, edgeAt),
  }
}

const fourOf = (columns: Int32Array, at: number) =>
  [columns[at * 4]!, columns[at * 4 + 1]!, columns[at * 4 + 2]!, columns[at * 4 + 3]!] as const

function withState(
  { id, parent, start, end, kind, label, fate, ...count }: GraphNode,
  text: () => string,
): GraphNode {
  let read: Pick<GraphNode, 'state' | 'flags'> | undefined
  const rest = () => (read ??= JSON.parse(text()) as NonNullable<typeof read>)
  const node = {
    ...{ id, parent, start, end, kind, label, fate },
    get state() {
      return rest().state
    },
    get flags() {
      return rest().flags
    },
  }
  return (count.count === undefined ? node : Object.assign(node, count)) as GraphNode
}
