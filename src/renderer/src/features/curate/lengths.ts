/** One doubling of lengths: its label, and the heights of both columns as shares of the tallest. */
export interface LengthBar {
  readonly label: string
  readonly was: number
  readonly is: number
  readonly after: number
}

/** Columns for lengths that are counted by doublings, from the first that holds anything to the last. */
export function lengthBars(source: readonly number[], set: readonly number[]): LengthBar[] {
  const first = source.findIndex((value) => value > 0)
  if (first < 0) return []
  const total = (values: readonly number[]) =>
    Math.max(
      1,
      values.reduce((sum, value) => sum + value, 0),
    )
  const [all, chosen] = [total(source), total(set)]
  const last = Math.max(source.length, set.length) - 1
  const from = Math.min(
    first,
    Math.max(
      0,
      set.findIndex((value) => value > 0),
    ) || first,
  )
  const bins = Array.from({ length: last - from + 1 }, (_, at) => from + at)
  const shares = bins.map((bin) => ({ was: (source[bin] ?? 0) / all, is: (set[bin] ?? 0) / chosen }))
  const most = Math.max(...shares.flatMap(({ was, is }) => [was, is]))
  return bins.map((bin, at) => ({
    label: short(2 ** bin),
    was: shares[at]!.was / most,
    is: shares[at]!.is / most,
    after: set[bin] ?? 0,
  }))
}

/** 512, 1k, 16k */
function short(value: number): string {
  return value < 1000 ? String(value) : `${Math.round(value / 1024)}k`
}
