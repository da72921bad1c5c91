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
  const ends = Float64Array.from(labels.ends).sort()
  /** What was merged before, by the first label of its island. */
  const merged = new Map<number, (start: number, end: number) => Mark[]>()
  const marksOf = (first: number, next: number) => {
    const known = merged.get(first)
    if (known !== undefined) return known
    const marks = mergeLabels(sorted.slice(first, next))
    const spans = bySpan(marks)
    const touching = (start: number, end: number) => spans.touching(start, end).map((at) => marks[at]!)
    merged.set(first, touching)
    return touching
  }
  return {
    touching: (start, end) => labels.touching(start, end).map((at) => ({ annotation: sorted[at]! })),
    marks: (start, end) =>
      labels.islands(start, end).flatMap(([first, next]) => marksOf(first, next)(start, end)),
    countIn: (start, end) => countBelow(labels.starts, end) - countBelow(ends, start + 1),
  }
}

/** Sorted by start; labels come so, and are then not sorted again. */
function byStart(all: readonly Annotation[]): readonly Annotation[] {
  const sorted = all.every((one, index) => index === 0 || all[index - 1]!.start <= one.start)
  return sorted ? all : all.toSorted((a, b) => a.start - b.start)
}

/** Finds those that touch a range, of spans sorted by start. */
function bySpan(sorted: readonly Span[]) {
  const starts = new Float64Array(sorted.length)
  const ends = new Float64Array(sorted.length)
  /** Largest end among this and all before: how far back a search must look. */
  const reach = new Float64Array(sorted.length)
  /** Where islands begin: all spans before end before. */
  const coasts: number[] = []
  let furthest = -1
  for (let at = 0; at < sorted.length; at++) {
    starts[at] = sorted[at]!.start
    ends[at] = sorted[at]!.end
    if (furthest < starts[at]!) coasts.push(at)
    reach[at] = furthest = Math.max(furthest, ends[at]!)
  }
  const touching = (start: number, end: number): number[] => {
    const found: number[] = []
    for (let at = countBelow(starts, end) - 1; at >= 0 && reach[at]! > start; at--)
      if (ends[at]! > start) found.push(at)
    return found.reverse()
  }
  /**
   * First index, and the one after the last, of each island that touches a range: spans that overlap or
   * meet one another are an island.
   */
  const islands = (start: number, end: number): [number, number][] => {
    const found: [number, number][] = []
    for (let number = countBelow(coasts, countBelow(starts, end)) - 1; number >= 0; number--) {
      const [first, next] = [coasts[number]!, coasts[number + 1] ?? sorted.length]
      if (reach[next - 1]! <= start) break
      found.push([first, next])
    }
    return found.reverse()
  }
  return { starts, ends, touching, islands }
}
