import type { TreeItem } from '#shared/domain/graph/view/outline.ts'

export type Step = 'parent' | 'child' | 'sibling' | 'sibling-before' | 'row' | 'row-before' | 'first' | 'last'

/** The item a step leads to from another; where there is none, the item itself. */
export function walk(items: readonly TreeItem[], from: number, step: Step): number {
  const item = items[from]
  if (item === undefined) return 0
  switch (step) {
    case 'first':
      return 0
    case 'last':
      return items.length - 1
    case 'row':
      return Math.min(items.length - 1, from + 1)
    case 'row-before':
      return Math.max(0, from - 1)
    case 'parent':
      return Math.max(0, item.parent)
    case 'child': {
      const children = childrenOf(items, from)
      return children.find((at) => items[at]!.main) ?? children[0] ?? from
    }
    case 'sibling':
    case 'sibling-before': {
      const siblings = item.parent < 0 ? [from] : childrenOf(items, item.parent)
      return siblings[siblings.indexOf(from) + (step === 'sibling' ? 1 : -1)] ?? from
    }
  }
}

/** The next turn back after an item, or before it, round the end. */
export function walkReturns(
  returns: readonly { readonly from: number }[],
  from: number,
  direction: 1 | -1,
): number | null {
  const places = [...new Set(returns.map((one) => one.from))].sort((a, b) => a - b)
  if (places.length === 0) return null
  if (direction === 1) return places.find((place) => place > from) ?? places[0]!
  return places.findLast((place) => place < from) ?? places.at(-1)!
}

function childrenOf(items: readonly TreeItem[], parent: number): number[] {
  const found: number[] = []
  for (let at = parent + 1; at < items.length; at++) if (items[at]!.parent === parent) found.push(at)
  return found
}
