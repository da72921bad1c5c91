/**
 * Browsers stop at some 17 to 33 million pixels of element height, and lose precision before; a table
 * of a million rows needs more. The spacer is kept below `LARGEST`, and its scroll position stands for
 * a position in the full height: one to one while scrolling, in proportion on jumps.
 */
const LARGEST = 4_000_000

export interface ScrollMap {
  /** Height of the rows together, in pixels, as it would be. */
  readonly full: number
  /** Height of the spacer that is scrolled. */
  readonly spacer: number
  readonly view: number
}

/** Where the table is: scroll position of the element, and position in the full height. */
export interface ScrollPlace {
  readonly scrollTop: number
  readonly top: number
}

export function createScrollMap(rows: number, rowHeight: number, view: number): ScrollMap {
  const full = rows * rowHeight
  return { full, spacer: Math.min(full, LARGEST), view }
}

/** The place after the element was scrolled to `scrollTop`. */
export function follow(map: ScrollMap, from: ScrollPlace, scrollTop: number): ScrollPlace {
  const reach = Math.max(0, map.spacer - map.view)
  const fullReach = Math.max(0, map.full - map.view)
  if (map.full === map.spacer) return { scrollTop, top: clamp(scrollTop, fullReach) }
  if (scrollTop <= 0) return { scrollTop, top: 0 }
  // Scroll positions are rounded by the browser: within a pixel of the end is the end.
  if (scrollTop >= reach - 1) return { scrollTop, top: fullReach }
  const moved = scrollTop - from.scrollTop
  if (Math.abs(moved) <= 2 * map.view) return { scrollTop, top: clamp(from.top + moved, fullReach) }
  return { scrollTop, top: (scrollTop / reach) * fullReach }
}

/**
 * The place for a position in the full height, with the scroll position in proportion. After slow
 * scrolling the two drift apart; settling brings them together without moving a row on the screen.
 */
export function settle(map: ScrollMap, top: number): ScrollPlace {
  const fullReach = Math.max(0, map.full - map.view)
  const place = clamp(top, fullReach)
  if (map.full === map.spacer) return { scrollTop: place, top: place }
  return { scrollTop: Math.round((place / fullReach) * (map.spacer - map.view)), top: place }
}

/** First and last row (exclusive) to draw for a place, with some beyond the edges. */
export function rowsAt(map: ScrollMap, { top }: ScrollPlace, rowHeight: number, beyond = 6) {
  const rows = Math.round(map.full / rowHeight)
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond)
  const end = Math.min(rows, Math.ceil((top + map.view) / rowHeight) + beyond)
  return { first, end }
}

/** The position in the full height, nearest to `top`, that has the row in view. */
export function reveal(map: ScrollMap, top: number, row: number, rowHeight: number): number {
  const above = row * rowHeight
  const below = above + rowHeight - map.view
  return Math.min(above, Math.max(below, top))
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value))
