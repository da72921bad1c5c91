import { eachMarked } from '#shared/domain/evaluation/align.ts'
import { byAge } from '#shared/domain/last-word.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'

/** What is known of a behaviour on a step; bits of one number. */
export const PREDICTED = 1
export const PRESENT = 2
export const DENIED = 4

const WIDTH = BEHAVIOURS.length
const INDEX = Object.fromEntries(BEHAVIOURS.map((behaviour, index) => [behaviour, index])) as Record<
  Behaviour,
  number
>

/** Steps × behaviours, row-major: whether the model predicts the behaviour at the thresholds. */
export function predictedMarks(
  steps: number,
  probabilities: Float32Array | null,
  thresholds: readonly number[],
): Uint8Array {
  const predicted = new Uint8Array(steps * WIDTH)
  if (probabilities !== null)
    for (let at = 0; at < predicted.length; at++)
      if (probabilities[at]! >= thresholds[at % WIDTH]!) predicted[at] = PREDICTED
  return predicted
}

/**
 * Steps × behaviours, row-major: whether the newest of people's labels that mark a step, not only touch it, affirms or
 * denies the behaviour.
 */
export function labelledMarks(bounds: Uint32Array, annotations: readonly Annotation[]): Uint8Array {
  const labelled = new Uint8Array((bounds.length / 2) * WIDTH)
  for (const label of annotations.toSorted(byAge)) {
    const bit = label.verdict === 'present' ? PRESENT : DENIED
    eachMarked(bounds, label, (step) => (labelled[step * WIDTH + INDEX[label.behaviour]] = bit))
  }
  return labelled
}

/** What the model and what people say of the same steps, in one. */
export const stepMarks = (predicted: Uint8Array, labelled: Uint8Array): Uint8Array =>
  predicted.map((bit, at) => bit | labelled[at]!)

/** The next step in a direction that has anything on it, or null. */
export function nextMarked(known: Uint8Array, from: number, direction: 1 | -1): number | null {
  const steps = known.length / WIDTH
  for (let step = from + direction; step >= 0 && step < steps; step += direction)
    for (let index = 0; index < WIDTH; index++) if (known[step * WIDTH + index] !== 0) return step
  return null
}
