import { BEHAVIOURS } from '../behaviours.ts'

/**
 * Which behaviours each of `steps` steps shows: probability at or above the behaviour's threshold, as
 * `countBehaviours` has it. All zero without a prediction.
 * @throws RangeError when the probabilities are not those of so many steps
 */
export function shownBehaviours(
  steps: number,
  prediction: { readonly probabilities: Float32Array; readonly thresholds: readonly number[] } | null,
): Uint8Array {
  const width = BEHAVIOURS.length
  const shown = new Uint8Array(steps * width)
  if (prediction === null) return shown
  const { probabilities, thresholds } = prediction
  if (probabilities.length !== shown.length) {
    throw new RangeError(`${probabilities.length} probabilities are not ${width} for each of ${steps} steps`)
  }
  for (let at = 0; at < shown.length; at++) shown[at] = probabilities[at]! >= thresholds[at % width]! ? 1 : 0
  return shown
}
