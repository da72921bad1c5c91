import { joined } from '../joined.ts'
import { seeded } from '../random.ts'

/** Times the data are drawn anew. */
const DRAWS = 1000

/**
 * 95 % interval of a statistic by the percentile bootstrap (Efron 1979): whole groups are drawn with
 * replacement, since steps of one problem are not independent. The same groups give the same interval.
 *
 * @param groups what each group adds up to; all of one length
 * @param statistic of the sum of the drawn groups; draws where it is null do not count
 * @returns null when no draw has a value, and for fewer than two groups: one alone cannot be drawn otherwise than it is
 */
export function interval(
  groups: readonly Float64Array[],
  statistic: (sum: Float64Array) => number | null,
): [number, number] | null {
  if (groups.length < 2) return null
  const random = seeded(groups.length)
  const width = groups[0]!.length
  const all = joined(Float64Array, groups)
  const sum = new Float64Array(width)
  const found: number[] = []
  for (let draw = 0; draw < DRAWS; draw++) {
    sum.fill(0)
    for (let drawn = 0; drawn < groups.length; drawn++) {
      const from = Math.floor(random() * groups.length) * width
      for (let at = 0; at < width; at++) sum[at]! += all[from + at]!
    }
    const value = statistic(sum)
    if (value !== null) found.push(value)
  }
  if (found.length === 0) return null
  found.sort((a, b) => a - b)
  const at = (share: number) => found[Math.min(found.length - 1, Math.floor(share * found.length))]!
  return [at(0.025), at(0.975)]
}
