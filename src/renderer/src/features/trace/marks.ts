import { byAge } from '#shared/domain/last-word.ts'
import { firstEndingAfter } from '#shared/domain/sorted.ts'
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
  const marks = new Uint8Array(steps * WIDTH)
  if (probabilities !== null)
    for (let at = 0; at < marks.length; at++)
      if (probabilities[at]! >= thresholds[at % WIDTH]!) marks[at] = PREDICTED
  return marks
}

/** The same, and whether the newest of people's labels that touch the step affirms or denies the behaviour. */
export function stepMarks(
  bounds: Uint32Array,
  predicted: Uint8Array,
  annotations: readonly Annotation[],
): Uint8Array {
  const marks = predicted.slice()
  for (const { start, end, behaviour, verdict } of annotations.toSorted(byAge)) {
    const bit = verdict === 'present' ? PRESENT : DENIED
    for (let step = firstEndingAfter(bounds, start); step * 2 < bounds.length; step++) {
      if (bounds[step * 2]! >= end) break
      const at = step * WIDTH + INDEX[behaviour]
      marks[at] = (marks[at]! & PREDICTED) | bit
    }
  }
  return marks
}

/** The next step in a direction that has anything on it, or null. */
export function nextMarked(marks: Uint8Array, from: number, direction: 1 | -1): number | null {
  const steps = marks.length / WIDTH
  for (let step = from + direction; step >= 0 && step < steps; step += direction)
    for (let index = 0; index < WIDTH; index++) if (marks[step * WIDTH + index] !== 0) return step
  return null
}
