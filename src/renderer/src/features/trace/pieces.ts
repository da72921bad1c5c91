import type { Behaviour } from '#shared/domain/behaviours.ts'
import { findFormulas, type Formula } from './formulas.ts'
import { LANES, type Mark } from './label-marks.ts'

/** One line under (and, for people's labels, a tint behind) a piece of text. */
export interface Layer {
  readonly by: 'model' | 'person' | 'denied'
  readonly behaviour: Behaviour
  readonly lane: number
  /** How many labels lie on one another; 1 for the model. */
  readonly depth: number
}

/** A stretch of text over which nothing changes. */
export interface TextPiece {
  /** Offset in the response, UTF-16. */
  readonly start: number
  readonly text: string
  readonly layers: readonly Layer[]
  /** Set when the piece is a formula that can be shown typeset. */
  readonly formula: Formula | null
}

/**
 * Cuts `text`, which starts at offset `start` of the response, where marks begin and end. Predictions
 * hold for all of it and go below the labels' lines; lines for which there is no room are left out. A
 * formula is a piece only if no mark begins or ends in it: then its source must be seen.
 */
export function cutPieces(
  text: string,
  start: number,
  marks: readonly Mark[],
  predicted: readonly Behaviour[],
  withFormulas = false,
): TextPiece[] {
  const end = start + text.length
  const drawn = marks.filter(({ lane }) => lane < LANES)
  const below = drawn.reduce((most, { lane }) => Math.max(most, lane + 1), 0)
  const model = predicted
    .map((behaviour, index) => ({ by: 'model' as const, behaviour, lane: below + index, depth: 1 }))
    .filter(({ lane }) => lane < LANES)
  const cuts = new Set([start, end])
  for (const mark of drawn) {
    if (mark.start > start) cuts.add(mark.start)
    if (mark.end < end) cuts.add(mark.end)
  }
  const formulas = withFormulas ? wholeFormulas(text, start, cuts) : new Map<number, Formula>()
  for (const formula of formulas.values()) cuts.add(start + formula.start).add(start + formula.end)
  const edges = [...cuts].sort((a, b) => a - b)
  return edges.slice(0, -1).map((from, index) => ({
    start: from,
    text: text.slice(from - start, edges[index + 1]! - start),
    layers: [...drawn.filter((mark) => mark.start <= from && mark.end > from).map(layerOf), ...model],
    formula: formulas.get(from) ?? null,
  }))
}

const layerOf = ({ behaviour, verdict, lane, depth }: Mark): Layer => ({
  by: verdict === 'present' ? 'person' : 'denied',
  behaviour,
  lane,
  depth,
})

/** Formulas that are not cut, by their offset in the response. */
function wholeFormulas(text: string, start: number, cuts: ReadonlySet<number>): Map<number, Formula> {
  const edges = [...cuts]
  const whole = findFormulas(text).filter(
    (formula) => !edges.some((edge) => edge > start + formula.start && edge < start + formula.end),
  )
  return new Map(whole.map((formula) => [start + formula.start, formula]))
}
