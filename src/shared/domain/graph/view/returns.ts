import type { ReasoningGraph } from '../types.ts'

/** A turn back, from the node in which it was made to the one that it leads to. */
export interface Return {
  readonly from: number
  readonly to: number
  /** The node that carries on from there; `from` itself where the log does not tell one. */
  readonly turn: number
  readonly confidence: number
}

/**
 * The returns of a graph. Where the node that turns back hangs from where it returns to, which its line shows, the
 * arc starts at what was left: the node before it in the text.
 */
export function returnsOf({ nodes, edges }: ReasoningGraph): Return[] {
  return edges.flatMap(({ from, to, type, confidence }) => {
    if (type !== 'returns_to') return []
    const left = nodes[from]!.parent === to ? from - 1 : from
    return left > 0 && left !== to ? [{ from: left, to, turn: from, confidence }] : []
  })
}
