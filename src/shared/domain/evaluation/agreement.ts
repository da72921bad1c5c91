import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'

/** How often two models say that a step shows a behaviour. */
export interface PairCounts {
  both: number
  first: number
  second: number
  neither: number
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

/** Adds up what two models say of the same steps. */
export function createPairCounts() {
  const counts = BEHAVIOURS.map((): PairCounts => ({ both: 0, first: 0, second: 0, neither: 0 }))
  return {
    /** @param thresholds of each model; probabilities are steps × behaviours, row-major, of the same steps */
    add(
      first: Float32Array,
      second: Float32Array,
      thresholds: readonly [readonly number[], readonly number[]],
    ): void {
      for (let at = 0; at < first.length; at++) {
        const column = at % BEHAVIOURS.length
        const one = first[at]! >= thresholds[0][column]!
        const other = second[at]! >= thresholds[1][column]!
        counts[column]![one ? (other ? 'both' : 'first') : other ? 'second' : 'neither']++
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
