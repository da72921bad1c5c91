import type { TreeItem } from '#shared/domain/graph/view/outline.ts'
import type { TreeLayout } from '#shared/domain/graph/view/layout.ts'

/** A tree as it was drawn last. */
export interface Drawn {
  readonly items: readonly TreeItem[]
  readonly layout: TreeLayout
  /** Screen = drawing × `k` + (`x`, `y`). */
  readonly view: { readonly x: number; readonly y: number; readonly k: number }
}

interface Points {
  readonly x: Float64Array
  readonly y: Float64Array
}

/**
 * Where every item of `next` starts from when a tree is arranged anew, in the drawing of `next`: where it stood on
 * the screen, and what was not there where the nearest item above it was.
 */
export function startsOf(before: Drawn, next: Drawn): Points {
  const places = new Map(before.items.map(({ key }, at) => [key, at]))
  const count = next.items.length
  const x = new Float64Array(count)
  const y = new Float64Array(count)
  next.items.forEach(({ key, parent }, at) => {
    const old = places.get(key)
    if (old !== undefined) {
      x[at] = (before.layout.x[old]! * before.view.k + before.view.x - next.view.x) / next.view.k
      y[at] = (before.layout.y[old]! * before.view.k + before.view.y - next.view.y) / next.view.k
    } else {
      x[at] = parent < 0 ? next.layout.x[at]! : x[parent]!
      y[at] = parent < 0 ? next.layout.y[at]! : y[parent]!
    }
  })
  return { x, y }
}

/** The layout on its way from `starts`; `time` runs from 0 to 1 and slows down towards its end. */
export function onTheWay(layout: TreeLayout, starts: Points, time: number): TreeLayout {
  if (time >= 1) return layout
  const left = (1 - Math.max(0, time)) ** 3
  const blend = (to: TreeLayout['x'], from: Float64Array) => {
    const between = to.slice()
    for (let at = 0; at < between.length; at++) between[at] = to[at]! + (from[at]! - to[at]!) * left
    return between
  }
  return { ...layout, x: blend(layout.x, starts.x), y: blend(layout.y, starts.y) }
}
