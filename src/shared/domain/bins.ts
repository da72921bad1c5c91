export interface Bin {
  /** Place on the axis, `[from, to)`; the last is closed. */
  readonly from: number
  readonly to: number
  readonly count: number
  /** Least and greatest value that is in it; null when none is. */
  readonly least: number | null
  readonly most: number | null
}

/** A last bin holds the tail when this much of all would leave more than half of the axis nearly empty. */
const BODY = 0.99
const STRETCH = 2

/**
 * Puts values into at most `bins` bins of equal width, from the least to the greatest that occurs;
 * whole numbers into bins of whole width. Where the last hundredth of all would stretch the axis to
 * more than twice its length, it goes into the last bin, which is wider than the others.
 * `values` are distinct and rise, `counts` tells how often each occurs.
 */
export function toBins(values: Float64Array, counts: Uint32Array, bins: number): Bin[] {
  const first = counts.findIndex((count) => count > 0)
  if (first < 0) return []
  const last = counts.findLastIndex((count) => count > 0)
  const least = values[first]!
  const most = values[last]!
  const end = endOfBody(values, counts, least, most)
  const equal = end < most ? bins - 1 : bins
  const whole = values.every((value, at) => counts[at] === 0 || Number.isInteger(value))
  const width = whole ? Math.max(1, Math.ceil((end - least + 1) / equal)) : (end - least) / equal || 1
  const places = whole ? Math.ceil((end - least + 1) / width) : end === least ? 1 : equal
  const made = Array.from({ length: places }, (_, at) =>
    empty(least + at * width, at === places - 1 ? end : least + (at + 1) * width),
  )
  if (end < most) made.push(empty(end, most))
  for (let at = first; at <= last; at++) {
    const value = values[at]!
    const place = value > end ? places : Math.min(places - 1, Math.floor((value - least) / width))
    if (counts[at]! > 0) add(made[place]!, value, counts[at]!)
  }
  return made
}

function endOfBody(values: Float64Array, counts: Uint32Array, least: number, most: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  let seen = 0
  const at = counts.findIndex((count) => (seen += count) >= total * BODY)
  const end = values[at]!
  return end > least && most - least > STRETCH * (end - least) ? end : most
}

type Growing = { -readonly [K in keyof Bin]: Bin[K] }

const empty = (from: number, to: number): Growing => ({ from, to, count: 0, least: null, most: null })

function add(bin: Growing, value: number, count: number): void {
  bin.least ??= value
  bin.most = value
  bin.count += count
}
