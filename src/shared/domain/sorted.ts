/** How many of the ascending values are smaller than `value`. */
export function countBelow(sorted: ArrayLike<number>, value: number): number {
  return firstWhere(sorted.length, (at) => sorted[at]! >= value)
}

/**
 * The first of some ranges that ends after an offset; their number when none does.
 * @param ranges `[start0, end0, …]`, in order and without overlap
 */
export function firstEndingAfter(ranges: Uint32Array, offset: number): number {
  return firstWhere(ranges.length / 2, (at) => ranges[at * 2 + 1]! > offset)
}

/** The first of `count` places for which a condition holds that, once it holds, goes on holding. */
function firstWhere(count: number, holds: (at: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
