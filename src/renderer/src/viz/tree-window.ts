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
  /** Places of items whose line to their parent touches what is in sight. */
  readonly lines: readonly number[]
}

/** Finds what is in sight; one pass over the positions, which is quicker than keeping an index of them. */
export function treeWindow(
  items: readonly TreeItem[],
  { x, y, textWidth }: TreeLayout,
  { left, top, right, bottom }: Box,
): TreeWindow {
  const seen: number[] = []
  const lines: number[] = []
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
    if (crosses) lines.push(at)
  }
  return { items: seen, lines }
}
