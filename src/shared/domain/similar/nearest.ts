/** The rows with the greatest values, kept while values are shown one after another. */
export interface Nearest {
  /** The value that has to be exceeded to be kept. */
  readonly least: number
  offer(row: number, value: number): void
  /** Greatest value first; of equal values the lower row. */
  finish(): { row: number; value: number }[]
}

/** Keeps the `most` greatest: a binary heap with the least at its top. */
export function createNearest(most: number): Nearest {
  const rows = new Float64Array(most)
  const values = new Float64Array(most)
  let kept = 0
  const above = (a: number, b: number) =>
    values[a]! < values[b]! || (values[a] === values[b] && rows[a]! > rows[b]!)
  const swap = (a: number, b: number) => {
    ;[rows[a], rows[b]] = [rows[b]!, rows[a]!]
    ;[values[a], values[b]] = [values[b]!, values[a]!]
  }
  const up = (at: number) => {
    for (let parent = (at - 1) >> 1; at > 0 && above(at, parent); parent = (at - 1) >> 1) {
      swap(at, parent)
      at = parent
    }
  }
  const down = (at: number) => {
    for (;;) {
      const [left, right] = [at * 2 + 1, at * 2 + 2]
      let least = at
      if (left < kept && above(left, least)) least = left
      if (right < kept && above(right, least)) least = right
      if (least === at) return
      swap(at, least)
      at = least
    }
  }
  return {
    get least() {
      return kept < most ? -Infinity : values[0]!
    },
    offer(row, value) {
      if (kept < most) {
        rows[kept] = row
        values[kept] = value
        up(kept++)
      } else if (value > values[0]!) {
        rows[0] = row
        values[0] = value
        down(0)
      }
    },
    finish: () =>
      Array.from({ length: kept }, (_, at) => ({ row: rows[at]!, value: values[at]! })).sort(
        (a, b) => b.value - a.value || a.row - b.row,
      ),
  }
}
