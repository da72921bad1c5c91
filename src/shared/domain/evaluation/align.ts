import { firstEndingAfter } from '../sorted.ts'
import type { Span } from '../trace.ts'

/**
 * Carries values from one segmentation of a text to another. A step of `to` takes the largest value of the
 * steps of `from` that overlap it by at least half of the shorter of the two, in characters; where none
 * does, that of the step which overlaps it most; where nothing overlaps it at all, 0. So a step that the
 * other segmentation cut in pieces shows what any piece shows, and the pieces of a step all show what it
 * shows.
 *
 * @param from step boundaries `[start0, end0, …]`, in order and without overlap, UTF-16
 * @param values `from` steps × `width`, row-major
 * @param to step boundaries of the same text, likewise
 * @returns `to` steps × `width`, row-major
 */
export function carryOver(
  from: Uint32Array,
  values: Float32Array,
  width: number,
  to: Uint32Array,
): Float32Array {
  const carried = new Float32Array((to.length / 2) * width)
  let first = 0
  for (let step = 0; step < to.length / 2; step++) {
    const start = to[step * 2]!
    const end = to[step * 2 + 1]!
    while (first < from.length / 2 && from[first * 2 + 1]! <= start) first++
    let best = -1
    let most = 0
    let taken = false
    const take = (source: number) => {
      for (let column = 0; column < width; column++)
        carried[step * width + column] = Math.max(
          carried[step * width + column]!,
          values[source * width + column]!,
        )
    }
    for (let source = first; source < from.length / 2 && from[source * 2]! < end; source++) {
      const [left, right] = [from[source * 2]!, from[source * 2 + 1]!]
      const shared = Math.min(right, end) - Math.max(left, start)
      if (shared * 2 >= Math.min(right - left, end - start)) {
        take(source)
        taken = true
      }
      if (shared > most) {
        most = shared
        best = source
      }
    }
    if (!taken && best >= 0) take(best)
  }
  return carried
}

/** Whether a label marks a step: they share at least half of the shorter of the two. Spans of one text, UTF-16. */
export function marks(label: Span, step: Span): boolean {
  const shared = Math.min(label.end, step.end) - Math.max(label.start, step.start)
  return shared > 0 && shared * 2 >= Math.min(label.end - label.start, step.end - step.start)
}

/**
 * Visits the steps that a label marks, in order.
 * @param bounds step boundaries `[start0, end0, …]`, in order and without overlap, UTF-16
 */
export function eachMarked(bounds: Uint32Array, label: Span, visit: (step: number) => void): void {
  for (let step = firstEndingAfter(bounds, label.start); step * 2 < bounds.length; step++) {
    const [start, end] = [bounds[step * 2]!, bounds[step * 2 + 1]!]
    if (start >= label.end) break
    if (marks(label, { start, end })) visit(step)
  }
}

/**
 * Which steps a set of labels marks: one 0 or 1 per step.
 * @param bounds as of `eachMarked`
 */
export function markedSteps(bounds: Uint32Array, labels: readonly Span[]): Uint8Array {
  const marked = new Uint8Array(bounds.length / 2)
  for (const label of labels) eachMarked(bounds, label, (step) => (marked[step] = 1))
  return marked
}
