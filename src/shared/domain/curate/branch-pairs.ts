import type { Fate, GraphNode } from '../graph/types.ts'
import type { Subject } from './subject.ts'

/** Two ways on from the same text: the one that was kept and one that was given up. */
export interface BranchPair {
  /** The response up to where the ways part, with the space before them. */
  readonly shared: string
  readonly chosen: string
  readonly rejected: string
}

const LOST: ReadonlySet<Fate> = new Set(['abandoned', 'refuted', 'superseded'])

/**
 * Sibling branches of the reasoning graph of which one leads to the answer and another failed: what was tried and
 * given up is rejected, what was done instead is chosen, after the text before the failed one (step-level
 * preferences, Lai et al. 2024). In the order of the text. None in a trace that gives no answer.
 */
export function branchPairs(subject: Subject): BranchPair[] {
  const { nodes, owner } = subject.graph()
  const steps = subject.evidence().steps
  const text = subject.trace.response
  const firstOf = new Map<number, number>()
  for (const [step, node] of owner.entries()) if (!firstOf.has(node)) firstOf.set(node, step)
  const below = descendants(nodes)
  /** Steps of a branch from its first one, as long as they are its own. */
  const branch = (root: GraphNode): { from: number; to: number } | null => {
    const from = firstOf.get(root.id)
    if (from === undefined) return null
    let to = from + 1
    while (to < owner.length && below[root.id]!.has(owner[to]!)) to++
    return { from, to }
  }
  const slice = ({ from, to }: { from: number; to: number }): string =>
    text.slice(steps[from]!.start, steps[to - 1]!.end)

  return nodes.flatMap((failed): BranchPair[] => {
    if (failed.parent === null || !LOST.has(failed.fate) || failed.kind === 'loop' || failed.kind === 'check')
      return []
    const way = branch(failed)
    const kept = nodes.find(
      ({ parent, fate, id }) => parent === failed.parent && fate === 'answer' && id > failed.id,
    )
    const other = kept === undefined ? null : branch(kept)
    if (way === null || other === null || other.from < way.to || way.from === 0) return []
    const shared = text.slice(0, steps[way.from]!.start)
    return [{ shared, chosen: slice(other), rejected: slice(way) }]
  })
}

/** For every node itself and what hangs from it. Parents come before their children. */
function descendants(nodes: readonly GraphNode[]): Set<number>[] {
  const below = nodes.map(({ id }) => new Set([id]))
  for (const { id, parent } of nodes.toReversed())
    if (parent !== null) for (const one of below[id]!) below[parent]!.add(one)
  return below
}
