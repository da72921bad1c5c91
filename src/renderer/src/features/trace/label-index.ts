import type { Annotation } from '#shared/contract/labels.ts'

/** Underlines under one another before they share a place. */
const LANES = 4

export interface Placed {
  readonly annotation: Annotation
  /** Which underline below the text it has: labels that overlap have different ones. */
  readonly lane: number
}

/** People's labels by place, for drawing: those that touch a range are found without reading all. */
export interface LabelIndex {
  /** Labels that share at least one character with `[start, end)`, UTF-16. */
  touching(start: number, end: number): Placed[]
}

export function indexLabels(annotations: readonly Annotation[]): LabelIndex {
  const sorted = annotations.toSorted((a, b) => a.start - b.start || b.end - a.end || a.id - b.id)
  const free: number[] = []
  const placed: Placed[] = []
  /** Largest end among this and all before: how far back a search must look. */
  const reach = new Float64Array(sorted.length)
  sorted.forEach((annotation, index) => {
    reach[index] = Math.max(annotation.end, index === 0 ? 0 : reach[index - 1]!)
    let lane = free.findIndex((until) => until <= annotation.start)
    if (lane < 0) lane = free.length < LANES ? free.length : LANES - 1
    free[lane] = Math.max(annotation.end, free[lane] ?? 0)
    placed.push({ annotation, lane })
  })
  return {
    touching(start, end) {
      let low = 0
      let high = sorted.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (sorted[middle]!.start < end) low = middle + 1
        else high = middle
      }
      const found: Placed[] = []
      for (let at = low - 1; at >= 0 && reach[at]! > start; at--)
        if (sorted[at]!.end > start) found.push(placed[at]!)
      return found.reverse()
    },
  }
}
