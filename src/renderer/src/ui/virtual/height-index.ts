/**
 * Heights of many rows, with the offset of any row and the row at any offset in logarithmic time
 * (a Fenwick tree of partial sums).
 */
export class HeightIndex {
  readonly #heights: Float64Array
  readonly #sums: Float64Array

  constructor(heights: Float64Array) {
    this.#heights = heights.slice()
    this.#sums = new Float64Array(heights.length + 1)
    for (let at = 1; at <= heights.length; at++) {
      this.#sums[at]! += heights[at - 1]!
      const parent = at + (at & -at)
      if (parent <= heights.length) this.#sums[parent]! += this.#sums[at]!
    }
  }

  get count(): number {
    return this.#heights.length
  }

  get total(): number {
    return this.offset(this.count)
  }

  height(row: number): number {
    return this.#heights[row]!
  }

  /** Sum of the heights before a row. */
  offset(row: number): number {
    let sum = 0
    for (let at = row; at > 0; at -= at & -at) sum += this.#sums[at]!
    return sum
  }

  /** The row that covers an offset: the first for offsets before it, the last for those beyond. */
  rowAt(offset: number): number {
    let row = 0
    let left = offset
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.count))); step > 0; step >>= 1) {
      const next = row + step
      if (next <= this.count && this.#sums[next]! <= left) {
        row = next
        left -= this.#sums[next]!
      }
    }
    return Math.max(0, Math.min(row, this.count - 1))
  }

  /** Sets a row's height. Answers by how much it grew. */
  set(row: number, height: number): number {
    const grown = height - this.#heights[row]!
    this.#heights[row] = height
    for (let at = row + 1; at <= this.count; at += at & -at) this.#sums[at]! += grown
    return grown
  }
}
