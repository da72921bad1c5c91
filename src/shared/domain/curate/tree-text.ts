import { append } from '../append.ts'
import type { GraphNode } from '../graph/types.ts'
import type { Json } from '../trace.ts'
import type { Rows } from './recipe.ts'
import type { Subject } from './subject.ts'

type TreeRows = Extract<Rows, { kind: 'trees' }>

/** A node of a search as it is told. */
interface Told {
  readonly id: number
  readonly parent: number | null
  /** What is done to get there; null for the root. */
  readonly does: string | null
  /** Where that leaves the search. */
  readonly state: string
  readonly good: boolean
  /** How far it is from the goal; orders best-first. */
  readonly distance: number
}

/**
 * A search tree told as one text (Stream of Search, Gandhi et al. 2024; Meta-CoT, Xiang et al. 2025): every move, what
 * it leaves, dead ends and the returns from them, in the order of the search that is asked for. The tree is the one the
 * file brings (`tree` of generated rows) or the one read off or inferred from the response. Null where the trace is no
 * search: fewer than two branches, or no way to an answer.
 */
export function treeText(subject: Subject, { order, dead_ends }: TreeRows): string | null {
  const nodes = fromFile(subject.trace.metadata) ?? fromGraph(subject)
  const goal = nodes.findLast(({ good }) => good)
  if (goal === undefined || nodes.length < 3) return null
  const path = new Set<number>()
  for (let at: Told | undefined = goal; at !== undefined; at = nodes.find(({ id }) => id === at.parent))
    path.add(at.id)
  const shown = dead_ends ? nodes : nodes.filter(({ id }) => path.has(id))
  const lines = tell(ordered(shown, order), shown, goal, path)
  const { trace } = subject
  const answer = /<answer>[\s\S]*?<\/answer>/i.exec(trace.response)?.[0]
  return `<think>\n${lines.join('\n')}\n</think>\n${answer ?? lines.at(-1)!}`
}

function fromFile(metadata: { readonly [key: string]: Json }): Told[] | null {
  const tree = metadata['tree']
  if (!Array.isArray(tree) || tree.length === 0) return null
  const nodes = tree as readonly {
    id: number
    parent: number | null
    numbers: number[]
    goal: number
    operation: string | null
    fate: string
  }[]
  return nodes.map(({ id, parent, numbers, goal, operation, fate }) => ({
    id,
    parent,
    does: operation,
    state: `[${numbers.join(', ')}], to make ${goal}`,
    good: fate === 'path' || fate === 'solution',
    distance: nearestTo(goal, numbers),
  }))
}

function fromGraph(subject: Subject): Told[] {
  const { nodes } = subject.graph()
  const target = nodes[0]?.state?.target ?? 0
  const shown = nodes.filter(({ kind }) => kind !== 'loop' && kind !== 'check')
  // Of a search that is worked out, words between its operations are no moves.
  const worked = shown.some(({ state }) => state?.operation !== undefined)
  const moves = shown.filter(
    ({ parent, state }) => parent === null || !worked || state?.operation !== undefined,
  )
  const ids = new Set(moves.map(({ id }) => id))
  const told: Told[] = []
  for (const node of moves) {
    const parent = ancestorIn(ids, nodes, node.parent)
    const does = node.parent === null ? null : wording(node, subject.trace.response)
    // The same move once more, as where it is given as the answer.
    const again = told.find(({ id }) => id === parent)
    if (does !== null && again?.does === does) {
      ids.delete(node.id)
      continue
    }
    told.push({
      id: node.id,
      parent,
      does,
      state:
        node.state?.numbers === undefined ? (worked ? '' : node.label) : `[${node.state.numbers.join(', ')}]`,
      good: node.fate === 'answer',
      distance: nearestTo(target, node.state?.numbers ?? []),
    })
  }
  // What was tried, left and taken up again after all was no dead end.
  const taken = new Set(told.filter(({ good }) => good).map(({ does }) => does))
  const parents = new Set(told.map(({ parent }) => parent))
  return told.filter(({ id, good, does }) => good || parents.has(id) || !taken.has(does))
}

function ancestorIn(
  ids: ReadonlySet<number>,
  nodes: readonly GraphNode[],
  parent: number | null,
): number | null {
  let at = parent
  while (at !== null && !ids.has(at)) at = nodes[at]!.parent
  return at
}

function wording({ state, start, end, label }: GraphNode, text: string): string {
  if (state?.operation === undefined) return text.slice(start, end).trim() || label
  return state.value == null ? state.operation : `${state.operation} = ${state.value}`
}

function nearestTo(goal: number, numbers: readonly number[]): number {
  return numbers.reduce((least, value) => Math.min(least, Math.abs(value - goal)), Infinity)
}

/** Ids in the order of a search from the root. Siblings keep theirs, the way to the answer comes last. */
function ordered(nodes: readonly Told[], order: TreeRows['order']): Told[] {
  const children = Map.groupBy(nodes, ({ parent }) => parent)
  const roots = nodes.filter(({ parent }) => parent === null || !nodes.some(({ id }) => id === parent))
  const told: Told[] = []
  let open = [...roots]
  while (open.length > 0) {
    const at = order === 'best_first' ? nearest(open) : 0
    const [node] = open.splice(at, 1)
    told.push(node!)
    const next = children.get(node!.id)
    if (next === undefined) continue
    if (order === 'depth_first') open = [...next.toSorted((a, b) => Number(a.good) - Number(b.good)), ...open]
    else append(open, next)
  }
  return told
}

function nearest(open: readonly Told[]): number {
  return open.reduce((best, node, at) => (node.distance < open[best]!.distance ? at : best), 0)
}

function tell(
  told: readonly Told[],
  nodes: readonly Told[],
  goal: Told,
  path: ReadonlySet<number>,
): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Set(nodes.map(({ parent }) => parent))
  const lines: string[] = []
  let here: Told | null = null
  for (const node of told) {
    if (node.does === null)
      lines.push(node.state === '' ? 'Begin at the start.' : `At the start: ${node.state}.`)
    else {
      const parent = node.parent === null ? undefined : byId.get(node.parent)
      if (here !== null && parent !== undefined && here.id !== parent.id)
        lines.push(
          parent.does === null
            ? parent.state === ''
              ? 'Go back to the start.'
              : `Go back to the start: ${parent.state}.`
            : `Go back to ${parent.state}.`,
        )
      lines.push(node.state === '' ? `Try ${node.does}.` : `Try ${node.does}. That leaves ${node.state}.`)
    }
    if (node.id === goal.id) {
      lines.push('This reaches the goal.')
      return lines
    }
    if (!parents.has(node.id) && !path.has(node.id)) lines.push('This is a dead end.')
    here = node
  }
  return lines
}
