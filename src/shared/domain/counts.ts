import { BEHAVIOURS } from './behaviours.ts'

/** How often each behaviour occurs in one trace, in the order of `BEHAVIOURS`. */
export interface BehaviourCounts {
  /** Steps that show the behaviour. */
  steps: number[]
  /** Maximal runs of neighbouring steps that show it. */
  episodes: number[]
}

/**
 * Counts behaviours in a trace's predictions. A step shows a behaviour when its probability is at or
 * above the behaviour's threshold (NaN never is). An episode is a maximal run of neighbouring steps
 * that show the behaviour: a check that takes five sentences is five steps and one episode, which is
 * nearer to what a judge counts who is asked how often a trace verifies something.
 *
 * @param probabilities steps × behaviours, row-major, in the order of `BEHAVIOURS`
 * @param thresholds one per behaviour, in the same order
 * @throws RangeError when the sizes do not fit
 */
export function countBehaviours(probabilities: Float32Array, thresholds: readonly number[]): BehaviourCounts {
  const width = BEHAVIOURS.length
  if (thresholds.length !== width) {
    throw new RangeError(`expected ${width} thresholds, one for each behaviour; got ${thresholds.length}`)
  }
  if (probabilities.length % width !== 0) {
    throw new RangeError(`${probabilities.length} probabilities are not a whole number of rows of ${width}`)
  }
  const steps = new Array<number>(width).fill(0)
  const episodes = new Array<number>(width).fill(0)
  for (let behaviour = 0; behaviour < width; behaviour++) {
    const threshold = thresholds[behaviour]!
    let inside = false
    for (let at = behaviour; at < probabilities.length; at += width) {
      const shown = probabilities[at]! >= threshold
      if (shown) steps[behaviour]!++
      if (shown && !inside) episodes[behaviour]!++
      inside = shown
    }
  }
  return { steps, episodes }
}

/** Steps that reach a threshold, and runs of neighbouring ones. */
export function countOne(
  probabilities: Float32Array,
  threshold: number,
): { steps: number; episodes: number } {
  const shown = Array.from(probabilities, (p) => p >= threshold)
  return {
    steps: shown.filter(Boolean).length,
    episodes: shown.filter((one, at) => one && shown[at - 1] !== true).length,
  }
}
