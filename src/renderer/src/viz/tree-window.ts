import type { TreeItem } from '#shared/domain/graph/view/outline.ts'
import { ROW, type TreeLayout } from '#shared/domain/graph/view/layout.ts'

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** What of a tree has to be drawn for a part of it. */
export interface TreeWindow {
  /** Places of items in sight, with their texts. */
  readonly items: readonly number[]
  /** Places of items whose line to their parent touches what is in sight, without those that look like another. */
  readonly lines: readonly number[]
}

/** Lines to the right that end more views away than this cannot be told apart in this one. */
const FAR = 2

/**
 * Finds what is in sight; one pass over the positions, which is quicker than keeping an index of them. Of lines
 * that leave an item for others far out of sight one of each look is enough: a start of ten thousand attempts
 * has as many lines, one upon the other.
 */
export function treeWindow(
  items: readonly TreeItem[],
  { direction, x, y, textWidth }: TreeLayout,
  { left, top, right, bottom }: Box,
): TreeWindow {
  const seen: number[] = []
  const lines: number[] = []
  const far = direction === 'down' ? ROW : FAR * (bottom - top)
  const trunks = new Set<string>()
  const repeats = (at: number): boolean => {
    const side = y[at]! > bottom + far ? 'below' : y[at]! < top - far ? 'above' : null
    if (side === null) return false
    const { parent, kind, fate } = items[at]!
    const trunk = `${side} ${parent} ${kind === 'check' ? kind : fate}`
    return trunks.size === trunks.add(trunk).size
  }
  for (let at = 0; at < items.length; at++) {
    const [px, py] = [x[at]!, y[at]!]
    const inside = px + textWidth >= left && px - ROW <= right && py + ROW >= top && py - ROW <= bottom
    if (inside) seen.push(at)
    const { parent } = items[at]!
    if (parent < 0) continue
    const [qx, qy] = [x[parent]!, y[parent]!]
    const crosses =
      Math.max(px, qx) >= left &&
      Math.min(px, qx) <= right &&
      Math.max(py, qy) >= top &&
      Math.min(py, qy) <= bottom
    if (crosses && !repeats(at)) lines.push(at)
  }
  return { items: seen, lines }
}
