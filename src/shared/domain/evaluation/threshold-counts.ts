import { BEHAVIOURS } from '../behaviours.ts'

/** Thresholds that counts are known for: 0, 0.0001, …, 1, as fine as models state theirs. */
export const THRESHOLD_STEPS = 10_000
const SIZE = THRESHOLD_STEPS + 1

/** Behaviours × thresholds, row-major: how many there are at each threshold. */
export interface CountsByThreshold {
  traces: number
  steps: number
  /** Traces with at least one step that shows the behaviour. */
  showing: Uint32Array
  /** Steps that show it. */
  shown: Uint32Array
  /** Episodes of it. */
  episodes: Uint32Array
}

/**
 * Counts steps, episodes and traces at every threshold in one pass. A step shows a behaviour at the thresholds up to
 * its probability; an episode begins at a step for those above the probability of the step before it: so each
 * count is a running sum over thresholds.
 * @param width behaviours that probabilities are given of
 */
export function createThresholdCounts(width: number = BEHAVIOURS.length) {
  const counts: CountsByThreshold = {
    traces: 0,
    steps: 0,
    showing: new Uint32Array(width * SIZE),
    shown: new Uint32Array(width * SIZE),
    episodes: new Uint32Array(width * SIZE),
  }
  /** Steps that lie in the middle of an episode, by the highest threshold at which they do. */
  const inside = new Uint32Array(width * SIZE)
  const level = (probability: number) => Math.floor(probability * THRESHOLD_STEPS + 1e-6)

  return {
    /** @param probabilities of a trace's steps, steps × behaviours, row-major */
    add(probabilities: Float32Array): void {
      counts.traces++
      counts.steps += probabilities.length / width
      for (let column = 0; column < width; column++) {
        const row = column * SIZE
        let before = -1
        let most = -1
        for (let at = column; at < probabilities.length; at += width) {
          const own = level(probabilities[at]!)
          counts.shown[row + own]!++
          if (before >= 0) inside[row + Math.min(before, own)]!++
          if (own > most) most = own
          before = own
        }
        if (most >= 0) counts.showing[row + most]!++
      }
    },
    finish(): CountsByThreshold {
      for (const totals of [counts.showing, counts.shown, inside])
        for (let column = 0; column < width; column++)
          for (let at = SIZE - 2; at >= 0; at--)
            totals[column * SIZE + at]! += totals[column * SIZE + at + 1]!
      counts.episodes.set(counts.shown.map((shown, at) => shown - inside[at]!))
      return counts
    },
  }
}
