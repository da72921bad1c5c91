import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'

/** How often two, models or people, say that a step shows a behaviour. */
export interface PairCounts {
  both: number
  first: number
  second: number
  neither: number
}

export const nothingCounted = (): PairCounts => ({ both: 0, first: 0, second: 0, neither: 0 })

/** Counts a step of which each of two says whether it shows a behaviour. */
export function countPair(counts: PairCounts, one: boolean, other: boolean): void {
  counts[one ? (other ? 'both' : 'first') : other ? 'second' : 'neither']++
}

/**
 * Cohen's κ (1960) of two who judge the same steps; null when chance agreement is total or there are no steps: κ is
 * undefined there, not zero.
 */
export function cohensKappa({ both, first, second, neither }: PairCounts): number | null {
  const all = both + first + second + neither
  if (all === 0) return null
  const observed = (both + neither) / all
  const [a, b] = [(both + first) / all, (both + second) / all]
  const chance = a * b + (1 - a) * (1 - b)
  return chance === 1 ? null : (observed - chance) / (1 - chance)
}

/**
 * Adds one unit to coincidences (values × values, row-major). Everybody's value is paired with everybody else's; each
 * of the pairs of m people weighs 1 / (m − 1). A unit that only one judges can be compared with nothing and adds nothing.
 * @param given how many people give each value
 */
export function addCoincidences(coincidences: Float64Array, given: readonly number[]): void {
  const people = given.reduce((sum, n) => sum + n, 0)
  if (people < 2) return
  for (const [one, n] of given.entries())
    for (const [other, m] of given.entries())
      coincidences[one * given.length + other]! += (n * (m - Number(one === other))) / (people - 1)
}

/**
 * Krippendorff's α of nominal values, for any number of people of whom not all judge every unit: 1 − D_o / D_e
 * = 1 − (n − 1) · Σ o_ck / Σ n_c · n_k over c ≠ k (Krippendorff 2011, “Computing Krippendorff's Alpha-Reliability”,
 * C and D). Null where no two values differ or nothing can be paired: α is undefined there, not zero.
 * @param coincidences of `addCoincidences`
 */
export function krippendorffsAlpha(coincidences: Float64Array): number | null {
  const values = Math.sqrt(coincidences.length)
  const totals = Array.from({ length: values }, (_, value) =>
    coincidences.subarray(value * values, (value + 1) * values).reduce((sum, o) => sum + o, 0),
  )
  const all = totals.reduce((sum, n) => sum + n, 0)
  let [observed, expected] = [0, 0]
  for (const [one, n] of totals.entries())
    for (const [other, m] of totals.entries()) {
      if (one === other) continue
      observed += coincidences[one * values + other]!
      expected += n * m
    }
  return expected === 0 ? null : 1 - ((all - 1) * observed) / expected
}

/** Adds up what two models say of the same steps. */
export function createPairCounts() {
  const counts = BEHAVIOURS.map(nothingCounted)
  return {
    /** @param thresholds of each model; probabilities are steps × behaviours, row-major, of the same steps */
    add(
      first: Float32Array,
      second: Float32Array,
      thresholds: readonly [readonly number[], readonly number[]],
    ): void {
      for (let at = 0; at < first.length; at++) {
        const column = at % BEHAVIOURS.length
        countPair(
          counts[column]!,
          first[at]! >= thresholds[0][column]!,
          second[at]! >= thresholds[1][column]!,
        )
      }
    },
    finish: () =>
      Object.fromEntries(
        BEHAVIOURS.map((behaviour, column) => [
          behaviour,
          { ...counts[column]!, kappa: cohensKappa(counts[column]!) },
        ]),
      ) as Record<Behaviour, PairCounts & { kappa: number | null }>,
  }
}
