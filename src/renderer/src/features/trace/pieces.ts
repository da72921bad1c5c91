import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Placed } from './label-index.ts'

/** One line under (and, for people's labels, a tint behind) a piece of text. */
export interface Layer {
  readonly by: 'model' | 'person'
  readonly behaviour: Behaviour
  readonly lane: number
}

/** A stretch of text over which nothing changes. */
export interface TextPiece {
  readonly text: string
  readonly layers: readonly Layer[]
}

/**
 * Cuts `text`, which starts at offset `start` of the response, where labels begin and end. The
 * predictions hold for all of it and go below the labels' lines.
 */
export function cutPieces(
  text: string,
  start: number,
  labels: readonly Placed[],
  predicted: readonly Behaviour[],
): TextPiece[] {
  const end = start + text.length
  const present = labels.filter(({ annotation }) => annotation.verdict === 'present')
  const below = present.reduce((most, { lane }) => Math.max(most, lane + 1), 0)
  const model: Layer[] = predicted.map((behaviour, index) => ({
    by: 'model',
    behaviour,
    lane: below + index,
  }))
  const cuts = new Set([start, end])
  for (const { annotation } of present) {
    if (annotation.start > start) cuts.add(annotation.start)
    if (annotation.end < end) cuts.add(annotation.end)
  }
  const edges = [...cuts].sort((a, b) => a - b)
  return edges.slice(0, -1).map((from, index) => ({
    text: text.slice(from - start, edges[index + 1]! - start),
    layers: [
      ...model,
      ...present
        .filter(({ annotation }) => annotation.start <= from && annotation.end > from)
        .map(({ annotation, lane }) => ({ by: 'person' as const, behaviour: annotation.behaviour, lane })),
    ],
  }))
}
