import { countBelow } from '#shared/domain/sorted.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { Span } from '#shared/domain/trace.ts'
import { mergeLabels, type Mark } from './label-marks.ts'

/** People's labels by place: what touches a range is found without reading all of them. */
export interface LabelIndex {
  /** Labels that share at least one character with `[start, end)`, UTF-16, in the order of the text. */
  touching(start: number, end: number): { readonly annotation: Annotation }[]
  /** What there is to draw for them: see `mergeLabels`. */
  marks(start: number, end: number): Mark[]
  /** How many labels share at least one character with `[start, end)`. */
  countIn(start: number, end: number): number
}

export function indexLabels(annotations: readonly Annotation[]): LabelIndex {
  const sorted = byStart(annotations)
  const labels = bySpan(sorted)
  const starts = Float64Array.from(sorted, ({ start }) => start)
  const ends = Float64Array.from(sorted, ({ end }) => end).sort()
  return {
    touching: (start, end) => labels(start, end).map((annotation) => ({ annotation })),
    marks: bySpan(mergeLabels(sorted)),
    countIn: (start, end) => countBelow(starts, end) - countBelow(ends, start + 1),
  }
}

/** Sorted by start; labels come so, and are then not sorted again. */
function byStart(all: readonly Annotation[]): readonly Annotation[] {
  const sorted = all.every((one, index) => index === 0 || all[index - 1]!.start <= one.start)
  return sorted ? all : all.toSorted((a, b) => a.start - b.start)
}

/** Finds those that touch a range, of spans sorted by start. */
function bySpan<T extends Span>(sorted: readonly T[]): (start: number, end: number) => T[] {
  const starts = Float64Array.from(sorted, ({ start }) => start)
  /** Largest end among this and all before: how far back a search must look. */
  const reach = new Float64Array(sorted.length)
  sorted.forEach(({ end }, index) => {
    reach[index] = Math.max(end, index === 0 ? 0 : reach[index - 1]!)
  })
  return (start, end) => {
    const found: T[] = []
    for (let at = countBelow(starts, end) - 1; at >= 0 && reach[at]! > start; at--)
      if (sorted[at]!.end > start) found.push(sorted[at]!)
    return found.reverse()
  }
}
