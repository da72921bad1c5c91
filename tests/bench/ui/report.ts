/** One thing measured: times in milliseconds, the goal for their 95th percentile, and what they are compared with. */
export interface Measured {
  item: string
  times: readonly number[]
  goal: number | null
  baseline: { name: string; times: readonly number[] } | null
}

/** The smallest of the values that at least this share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0)

const HEAD = ['item', 'n', 'median', 'p95', 'goal', 'p95/goal', 'baseline (median)', 'median/baseline']

/** A table of all that was measured, in milliseconds. */
export function report(all: readonly Measured[]): string {
  const rows = all.map(({ item, times, goal, baseline }) => {
    const median = percentile(times, 0.5)
    const p95 = percentile(times, 0.95)
    const base = baseline === null ? null : percentile(baseline.times, 0.5)
    return [
      item,
      String(times.length),
      ms(median),
      ms(p95),
      goal === null ? '' : `< ${goal}`,
      goal === null ? '' : (p95 / goal).toFixed(2),
      base === null ? '' : `${baseline!.name} ${ms(base)}`,
      base === null ? '' : (median / base).toFixed(1),
    ]
  })
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...rows].map((row) => row[column]!.length)))
  return [HEAD, ...rows]
    .map((row) =>
      row
        .map((text, at) => (at === 0 || at === 6 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!)))
        .join('  '),
    )
    .join('\n')
}
