import { firstEndingAfter } from '#shared/domain/sorted.ts'
import type { Span } from '#shared/domain/trace.ts'

export type Edge = 'start' | 'end'
export type Unit = 'step' | 'word' | 'character'

/**
 * A span with one edge moved on or back by a step, a word or a character as people see it (a
 * grapheme); null when that cannot be done, as nothing would be left. Offsets are UTF-16; edges never
 * come to lie within a grapheme.
 */
export function moveEdge(
  text: string,
  bounds: Uint32Array,
  span: Span,
  edge: Edge,
  unit: Unit,
  direction: 1 | -1,
): Span | null {
  const to =
    unit === 'step'
      ? nextBound(bounds, span[edge], edge, direction)
      : nextPlace(text, span[edge], edge, unit, direction)
  if (to === null) return null
  const moved = edge === 'start' ? { start: to, end: span.end } : { start: span.start, end: to }
  return moved.start < moved.end ? moved : null
}

function nextBound(bounds: Uint32Array, at: number, edge: Edge, direction: 1 | -1): number | null {
  const side = edge === 'start' ? 0 : 1
  // The first step that ends after `at`, and its neighbours: one of them has the edge that is sought.
  const near = firstEndingAfter(bounds, at)
  const steps = [near - 2, near - 1, near, near + 1].map((step) => bounds[step * 2 + side])
  const edges = steps.filter((one) => one !== undefined)
  return (direction === 1 ? edges.find((one) => one > at) : edges.findLast((one) => one < at)) ?? null
}

/** How far from an edge words and characters are looked for, in UTF-16 units. */
const NEAR = 400

function nextPlace(
  text: string,
  at: number,
  edge: Edge,
  unit: 'word' | 'character',
  direction: 1 | -1,
): number | null {
  const [from, to] = [Math.max(0, at - NEAR), Math.min(text.length, at + NEAR)]
  const granularity = unit === 'word' ? 'word' : 'grapheme'
  const places = [...new Intl.Segmenter(undefined, { granularity }).segment(text.slice(from, to))]
    .map(({ index, segment }) => ({ segment, start: from + index, end: from + index + segment.length }))
    // What the window cuts may be part of something longer.
    .filter(({ start, end }) => (start > from || from === 0) && (end < to || to === text.length))
    .filter(({ segment }) => segment.trim() !== '')
    .map((piece) => piece[edge])
  return (direction === 1 ? places.find((one) => one > at) : places.findLast((one) => one < at)) ?? null
}
