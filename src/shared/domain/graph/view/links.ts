import type { ReasoningGraph } from '../types.ts'
import type { Outline } from './outline.ts'

/** What an item rests on, or checks, besides the item that its line comes from. Places among the items. */
export interface Link {
  readonly from: number
  readonly to: number
  readonly type: 'continues' | 'verifies'
}

/**
 * Dependencies that a tree has no line for: of a sentence that rests on several, of a path that joins others, of a
 * check of more than one thing. Those within one folded item are not to be seen.
 */
export function linksOf({ nodes, edges }: ReasoningGraph, { items, itemOfNode }: Outline): Link[] {
  const seen = new Set<string>()
  return edges.flatMap(({ from, to, type }) => {
    if (type !== 'continues' && type !== 'verifies') return []
    // What is continued comes first in its edge, what is checked last.
    const [later, earlier] = type === 'continues' ? [to, from] : [from, to]
    if (nodes[later]!.parent === earlier) return []
    const [a, b] = [itemOfNode[later]!, itemOfNode[earlier]!]
    const key = `${a} ${b}`
    if (a === b || items[a]!.parent === b || seen.has(key)) return []
    seen.add(key)
    return [{ from: a, to: b, type }]
  })
}
