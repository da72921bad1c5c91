import type { Message } from '../trace.ts'
import type { LabelledStep } from './types.ts'

/** A row in the making. Offsets of steps are UTF-16 in `text`. */
export interface Draft {
  readonly prompt: string
  /** The conversation before the response, when the trace has one. */
  readonly messages: readonly Message[] | null
  /** The beginning of the response, when it is given and not to be learnt. */
  readonly partial: string
  readonly text: string
  readonly steps: readonly LabelledStep[]
  /** Whether the prompt ends with `<think>`, so that what follows it must not open the thought again. */
  readonly opened?: boolean
}

/** The `<think>` that a text begins with. */
export const OPENING = /^\s*<think>\n?/

/** A stretch of text and what comes in its place. UTF-16. */
export interface Change {
  readonly start: number
  readonly end: number
  readonly with: string
}

/**
 * Changes stretches of a draft's text and moves its steps along: a step that is replaced altogether goes, one of which
 * a part stays keeps its labels, and what comes in is nobody's step.
 * @param changes in order, without overlap
 */
export function changed(draft: Draft, changes: readonly Change[]): Draft {
  const real = changes.filter(({ start, end, with: text }) => end > start || text !== '')
  if (real.length === 0) return draft
  let text = ''
  let at = 0
  for (const change of real) {
    text += draft.text.slice(at, change.start) + change.with
    at = change.end
  }
  text += draft.text.slice(at)

  const steps: LabelledStep[] = []
  let first = 0
  let shift = 0
  for (const step of draft.steps) {
    while (first < real.length && real[first]!.end <= step.start) {
      shift += real[first]!.with.length - (real[first]!.end - real[first]!.start)
      first++
    }
    const moved = move(step, real, first, shift)
    if (moved !== null) steps.push(trimStep(text, moved))
  }
  return { ...draft, text, steps: steps.filter(({ start, end }) => start < end) }
}

/** Where what is left of a step lies afterwards; null when nothing is. */
function move(
  step: LabelledStep,
  changes: readonly Change[],
  first: number,
  shift: number,
): LabelledStep | null {
  let { start, end } = step
  let [before, inside] = [shift, 0]
  let left = end - start
  for (let index = first; index < changes.length && changes[index]!.start < step.end; index++) {
    const change = changes[index]!
    left -= Math.min(change.end, step.end) - Math.max(change.start, step.start)
    const growth = change.with.length - (change.end - change.start)
    if (change.start <= step.start) {
      // What stands before what is left of the step.
      start = Math.max(start, change.end)
      before += growth
    } else if (change.end >= step.end) end = Math.min(end, change.start)
    else inside += growth
  }
  return left <= 0 || end <= start ? null : { ...step, start: start + before, end: end + before + inside }
}

function trimStep(text: string, step: LabelledStep): LabelledStep {
  let { start, end } = step
  while (start < end && /\s/.test(text[start]!)) start++
  while (end > start && /\s/.test(text[end - 1]!)) end--
  return { ...step, start, end }
}
