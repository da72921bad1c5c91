import { append } from '../../append.ts'
import { firstEndingAfter } from '../../sorted.ts'
import type { Fate, GraphNode, NodeKind, ReasoningGraph } from '../types.ts'

/**
 * - `shape`: branches only, a stretch without a fork is one item
 * - `episodes`: the nodes of the graph
 * - `steps`: every step of every node
 */
export const TREE_LEVELS = ['shape', 'episodes', 'steps'] as const
export type TreeLevel = (typeof TREE_LEVELS)[number]

/** Something drawn as one mark of a tree. */
export interface TreeItem {
  /** The same thing keeps its key from level to level wherever it can. */
  readonly key: string
  readonly node: number
  /** Place of the parent among the items, −1 for the root. Invariant: smaller than the own place. */
  readonly parent: number
  /** Whether it carries on its parent's line; at most one child does. */
  readonly main: boolean
  readonly kind: NodeKind
  readonly fate: Fate
  /** First and last step, −1 where the item has none. */
  readonly first: number
  readonly last: number
  /** Nodes of the graph that it stands for. */
  readonly nodes: number
  /** Whether children are drawn or could be. */
  readonly parentOf: number
  /** Items folded away below it. */
  readonly hidden: number
}

export interface Outline {
  readonly items: readonly TreeItem[]
  /** The item that shows each node of the graph: its own, or the one it is folded into. */
  readonly itemOfNode: Int32Array
  /** The item that shows each step. */
  readonly itemOfStep: Int32Array
}

interface Unit {
  key: string
  node: number
  parent: number
  first: number
  last: number
  nodes: number[]
  fate: Fate
  kind: NodeKind
}

/**
 * A graph as a tree to look at. Checks hang off what they check, so that what follows them carries on the line they
 * interrupted; of the children of an item the one that leads to the answer, else the largest, comes last and carries
 * its line on.
 * @param bounds steps `[start, end, …]` that the graph was built on, UTF-16
 * @param folded keys of items whose children are not shown
 */
export function outline(
  graph: ReasoningGraph,
  bounds: Uint32Array,
  level: TreeLevel,
  folded: ReadonlySet<string>,
): Outline {
  const steps = bounds.length >>> 1
  const parents = shownParents(graph)
  let units = graph.nodes.map((node): Unit => unitOf(node, parents[node.id]!, bounds, steps))
  for (let step = 0; step < graph.owner.length; step++) {
    const unit = units[graph.owner[step]!]!
    if (unit.first < 0 || step < unit.first) unit.first = step
    unit.last = Math.max(unit.last, step)
  }
  if (level === 'steps') units = bySteps(units, graph.owner)
  if (level === 'shape') units = byBranches(units)
  return arrange(units, folded, graph, steps)
}

function unitOf(
  { id, kind, fate, start, end }: GraphNode,
  parent: number,
  bounds: Uint32Array,
  steps: number,
): Unit {
  const step = end > start ? Math.min(firstEndingAfter(bounds, start), steps - 1) : -1
  return { key: `n${id}`, node: id, parent, first: step, last: step, nodes: [id], fate, kind }
}

/** What every node hangs from on the screen: −1 for the root. */
function shownParents({ nodes, edges }: ReasoningGraph): Int32Array {
  const checked = new Map<number, number>()
  for (const { from, to, type } of edges) if (type === 'verifies' && to < from) checked.set(from, to)
  const shown = new Int32Array(nodes.length).fill(-1)
  const line = (id: number): number => {
    let at = id
    while (nodes[at]!.kind === 'check' && nodes[at]!.parent !== null) at = nodes[at]!.parent!
    return at
  }
  for (const { id, parent, kind } of nodes)
    if (parent !== null) shown[id] = line(kind === 'check' ? (checked.get(id) ?? parent) : parent)
  return shown
}

/** Every step of a node on its own, in a chain; children hang from the last step before they begin. */
function bySteps(units: readonly Unit[], owner: Int32Array): Unit[] {
  const owned: number[][] = units.map(() => [])
  for (let step = 0; step < owner.length; step++) owned[owner[step]!]!.push(step)
  const made: Unit[] = []
  const places: { step: number; at: number }[][] = []
  for (const [id, unit] of units.entries()) {
    const above = unit.parent < 0 ? [] : places[unit.parent]!
    let parent = above[0]?.at ?? -1
    for (const { step, at } of above) if (step < unit.first) parent = at
    const own: { step: number; at: number }[] = []
    const steps = owned[id]!.length > 0 ? owned[id]! : [unit.first]
    for (const [index, step] of steps.entries()) {
      own.push({ step, at: made.length })
      const key = index === 0 ? unit.key : `s${step}`
      const nodes = index === 0 ? unit.nodes : []
      made.push({ ...unit, key, parent, nodes, first: step, last: step })
      parent = made.length - 1
    }
    places.push(own)
  }
  return made
}

/** Stretches without a fork, and of one fate, as one unit each. */
function byBranches(units: readonly Unit[]): Unit[] {
  const children = countChildren(units)
  const place = new Int32Array(units.length)
  const made: Unit[] = []
  for (const [at, unit] of units.entries()) {
    const above = unit.parent < 0 ? null : made[place[unit.parent]!]!
    const joins =
      above !== null &&
      unit.parent > 0 &&
      children[unit.parent] === 1 &&
      above.fate === unit.fate &&
      unit.kind !== 'loop' &&
      unit.kind !== 'check'
    if (joins) {
      append(above.nodes, unit.nodes)
      above.last = Math.max(above.last, unit.last)
      place[at] = place[unit.parent]!
    } else {
      place[at] = made.length
      made.push({ ...unit, nodes: [...unit.nodes], parent: unit.parent < 0 ? -1 : place[unit.parent]! })
    }
  }
  return made
}

function countChildren(units: readonly Unit[]): Int32Array {
  const children = new Int32Array(units.length)
  for (const { parent } of units) if (parent >= 0) children[parent]!++
  return children
}

function arrange(
  units: readonly Unit[],
  folded: ReadonlySet<string>,
  graph: ReasoningGraph,
  steps: number,
): Outline {
  const children: number[][] = units.map(() => [])
  const size = new Int32Array(units.length).fill(1)
  for (let at = units.length - 1; at > 0; at--) {
    const { parent } = units[at]!
    if (parent < 0) continue
    children[parent]!.push(at)
    size[parent]! += size[at]!
  }
  const main = children.map((list) => chooseMain(list, units, size))
  const items: TreeItem[] = []
  const itemOfUnit = new Int32Array(units.length).fill(-1)
  const stack: { unit: number; parent: number; inside: number }[] = [{ unit: 0, parent: -1, inside: -1 }]
  while (stack.length > 0) {
    const { unit, parent, inside } = stack.pop()!
    const own = units[unit]!
    const isFolded = folded.has(own.key) && children[unit]!.length > 0
    if (inside >= 0) itemOfUnit[unit] = inside
    else {
      itemOfUnit[unit] = items.length
      const { key, node, kind, fate, first, last, nodes } = own
      items.push({
        ...{ key, node, parent, kind, fate, first, last },
        nodes: nodes.length,
        main: own.parent >= 0 && main[own.parent] === unit,
        parentOf: children[unit]!.length,
        hidden: isFolded ? size[unit]! - 1 : 0,
      })
    }
    const place = itemOfUnit[unit]
    const below = inside >= 0 ? inside : isFolded ? place : -1
    // Children lie in falling order, and what is pushed last comes first: the main one has to be last.
    if (main[unit]! >= 0) stack.push({ unit: main[unit]!, parent: place, inside: below })
    for (const child of children[unit]!)
      if (child !== main[unit]) stack.push({ unit: child, parent: place, inside: below })
  }
  const itemOfNode = new Int32Array(graph.nodes.length)
  const itemOfStep = new Int32Array(steps)
  for (const [at, { nodes }] of units.entries()) for (const node of nodes) itemOfNode[node] = itemOfUnit[at]!
  for (let step = 0; step < steps; step++) itemOfStep[step] = itemOfNode[graph.owner[step] ?? 0]!
  for (const [at, { key, first }] of units.entries()) if (key[0] === 's') itemOfStep[first] = itemOfUnit[at]!
  return { items, itemOfNode, itemOfStep }
}

/** The child that carries the line on: the one that leads to the answer, else one still open, else the largest. */
function chooseMain(list: readonly number[], units: readonly Unit[], size: Int32Array): number {
  const able = list.filter((at) => units[at]!.kind !== 'check' && units[at]!.kind !== 'loop')
  const rank = (at: number) => (units[at]!.fate === 'answer' ? 2 : units[at]!.fate === 'open' ? 1 : 0)
  let best = -1
  for (const at of able)
    if (best < 0 || rank(at) > rank(best) || (rank(at) === rank(best) && size[at]! > size[best]!)) best = at
  // A fork of equals has no main line: its branches stand side by side.
  if (best >= 0 && rank(best) === 0 && able.length > 1) return -1
  return best
}
