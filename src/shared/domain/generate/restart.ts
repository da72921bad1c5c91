import { pathTo, settleFates, type Search, type SearchNode } from './tree.ts'

/**
 * The same search told from the start each time: every finished attempt becomes a branch of its own
 * from the root, so that its first operation goes back to the problem, as whole expressions do.
 * Attempts that were left unfinished are dropped.
 */
export function restarted({ nodes, final }: Search): Search {
  const root = nodes[0]!
  const told: SearchNode[] = [root]
  let answer = root
  for (const leaf of nodes.filter(({ terms }) => terms.length === 1)) {
    let parent = root
    for (const node of pathTo(leaf).slice(1)) {
      parent = { ...node, id: told.length, parent }
      told.push(parent)
    }
    if (leaf === final) answer = parent
  }
  settleFates(told, answer)
  return { nodes: told, final: answer }
}
