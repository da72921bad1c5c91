import { hierarchy, tree } from 'd3'
import type { TreeItem } from './outline.ts'

export type Direction = 'down' | 'right'

/** Where the items of an outline lie, in pixels at a scale of one; the root is at the origin's corner. */
export interface TreeLayout {
  readonly direction: Direction
  readonly x: Float64Array
  readonly y: Float64Array
  readonly width: number
  readonly height: number
  /** Room for an item's text right of its mark. */
  readonly textWidth: number
}

export const ROW = 26
export const LANE = 24
/** Where the text of an item begins, from its mark. */
export const TEXT_AT = { down: { x: 14, y: -11 }, right: { x: 4, y: -23 } } as const
/** Free space on the left, in which returns run. */
export const GUTTER = 64
const COLUMN = 230
/** Part of a column, at its end, in which a line to the right bends. */
const BEND = 44
const TEXT = 320

/**
 * Lays an outline out. Downwards, every item has a row of its own in which its text stands free, a branch one lane
 * further right than what it leaves. To the right, siblings stand below each other as
 * `d3.tree` packs them, and texts above their lines.
 */
export function layoutTree(items: readonly TreeItem[], direction: Direction): TreeLayout {
  return direction === 'down' ? layoutDown(items) : layoutRight(items)
}

function layoutDown(items: readonly TreeItem[]): TreeLayout {
  const x = new Float64Array(items.length)
  const y = new Float64Array(items.length)
  let widest = 0
  for (const [at, { parent, main }] of items.entries()) {
    x[at] = parent < 0 ? GUTTER : x[parent]! + (main ? 0 : LANE)
    y[at] = ROW + at * ROW
    widest = Math.max(widest, x[at])
  }
  return {
    direction: 'down',
    x,
    y,
    width: widest + TEXT,
    height: (items.length + 1) * ROW,
    textWidth: TEXT - 20,
  }
}

function layoutRight(items: readonly TreeItem[]): TreeLayout {
  const children: number[][] = items.map(() => [])
  for (const [at, { parent }] of items.entries()) if (parent >= 0) children[parent]!.push(at)
  const x = new Float64Array(items.length)
  const y = new Float64Array(items.length)
  if (items.length === 0) return { direction: 'right', x, y, width: 0, height: 0, textWidth: 0 }
  const root = tree<number>()
    .nodeSize([ROW, COLUMN])
    .separation(() => 1)(hierarchy(0, (at) => children[at]))
  let top = Infinity
  let bottom = -Infinity
  root.each((node) => {
    top = Math.min(top, node.x)
    bottom = Math.max(bottom, node.x)
  })
  let deepest = 0
  root.each((node) => {
    x[node.data] = ROW + node.y
    y[node.data] = node.x - top + ROW * 1.5
    deepest = Math.max(deepest, node.y)
  })
  return {
    ...{ direction: 'right', x, y },
    width: deepest + COLUMN + ROW,
    height: bottom - top + 3 * ROW,
    textWidth: COLUMN - BEND - 10,
  }
}

/** The line from an item's parent to it, as the data of an SVG path; coordinates to a tenth of a pixel. */
export function branchPath({ direction, x, y }: TreeLayout, parent: number, at: number): string {
  const [x0, y0, x1, y1] = [x[parent]!, y[parent]!, x[at]!, y[at]!].map(tenths) as [
    number,
    number,
    number,
    number,
  ]
  if (direction === 'down') {
    const bend = Math.min(10, Math.abs(x1 - x0))
    return `M${x0} ${y0}V${y1 - bend}Q${x0} ${y1} ${x0 + bend} ${y1}H${x1}`
  }
  const bend = tenths(x1 - BEND)
  const middle = tenths(x1 - BEND / 2)
  return `M${x0} ${y0}H${bend}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`
}

/**
 * The arc of a return from where it was made back to where it leads: left of the tree where texts stand on the right,
 * above it where the tree grows to the right.
 */
export function returnPath({ direction, x, y }: TreeLayout, from: number, to: number): string {
  const [x0, y0, x1, y1] = [x[from]!, y[from]!, x[to]!, y[to]!].map(tenths) as [
    number,
    number,
    number,
    number,
  ]
  if (direction === 'down') {
    const bulge = Math.min(GUTTER - 14, 14 + 7 * Math.log2(1 + Math.abs(y1 - y0) / ROW))
    const side = tenths(Math.min(x0, x1) - bulge)
    return `M${x0 - 7} ${y0}C${side} ${y0} ${side} ${y1} ${x1 - 7} ${y1}`
  }
  const lift = tenths(Math.min(y0, y1) - 18)
  return `M${x0} ${y0 - 7}C${x0} ${lift} ${x1} ${lift} ${x1} ${y1 - 7}`
}

const tenths = (value: number): number => Math.round(value * 10) / 10
