import type { Fate } from '../types.ts'
import type { TreeItem } from './outline.ts'

/** How a mark looks from afar, by its number in a shape. */
export const SHAPE_STYLES = ['dead', 'open', 'check', 'answer'] as const
export type ShapeStyle = (typeof SHAPE_STYLES)[number]

/** The outline of a tree without its words: what a small picture needs. */
export interface Shape {
  /** Place of each item's parent, −1 for the root. */
  readonly parent: Int32Array
  /** Lane of each item: 0 for the main line. Its place tells when it comes. */
  readonly lane: Int32Array
  /** Index into `SHAPE_STYLES`. */
  readonly style: Uint8Array
}

const MAIN = 4

export function styleOf({ fate, kind }: { fate: Fate; kind: TreeItem['kind'] }): ShapeStyle {
  if (kind === 'check') return 'check'
  return fate === 'answer' || fate === 'open' ? fate : 'dead'
}

/** About two bytes an item: its style and whether it carries a line on, and how far before it its parent is. */
export function encodeShape(
  items: readonly Pick<TreeItem, 'parent' | 'main' | 'fate' | 'kind'>[],
): Uint8Array {
  const bytes: number[] = []
  for (const [at, item] of items.entries()) {
    bytes.push(SHAPE_STYLES.indexOf(styleOf(item)) | (item.main ? MAIN : 0))
    let back = at - item.parent
    for (; back > 0x7f; back = Math.floor(back / 0x80)) bytes.push((back & 0x7f) | 0x80)
    bytes.push(back)
  }
  return Uint8Array.from(bytes)
}

/** The inverse of `encodeShape`. */
export function decodeShape(bytes: Uint8Array): Shape {
  const parent: number[] = []
  const lane: number[] = []
  const style: number[] = []
  for (let at = 0; at < bytes.length;) {
    const look = bytes[at++]!
    let back = 0
    let weight = 1
    let byte: number
    do {
      byte = bytes[at++]!
      back += (byte & 0x7f) * weight
      weight *= 0x80
    } while (byte & 0x80)
    const above = parent.length - back
    style.push(look & 3)
    lane.push(above < 0 ? 0 : lane[above]! + (look & MAIN ? 0 : 1))
    parent.push(above)
  }
  return { parent: Int32Array.from(parent), lane: Int32Array.from(lane), style: Uint8Array.from(style) }
}
