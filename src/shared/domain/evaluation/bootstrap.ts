import { seeded } from '../random.ts'

/** Times the data are drawn anew. */
const DRAWS = 1000

/**
 * 95 % interval of a statistic by the percentile bootstrap (Efron 1979): whole groups are drawn with
 * replacement, since steps of one problem are not independent. The same groups give the same interval.
 *
 * @param groups what each group adds up to
 * @param statistic of the drawn groups; draws where it is null do not count
 * @returns null when no draw has a value
 */
export function interval<T>(
  groups: readonly T[],
  statistic: (drawn: readonly T[]) => number | null,
): [number, number] | null {
  const random = seeded(groups.length)
  const found: number[] = []
  for (let draw = 0; draw < DRAWS; draw++) {
    const value = statistic(groups.map(() => groups[Math.floor(random() * groups.length)]!))
    if (value !== null) found.push(value)
  }
  if (found.length === 0) return null
  found.sort((a, b) => a - b)
  const at = (share: number) => found[Math.min(found.length - 1, Math.floor(share * found.length))]!
  return [at(0.025), at(0.975)]
}
