import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import type { Saying } from '../last-said.ts'
import { byAge, type Dated } from '../last-word.ts'
import { eachMarked } from './align.ts'
import { UNKNOWN_LABEL } from './evaluate.ts'

/**
 * Nobody has said anything of a step, in a trace where somebody labels what they see: it may show nothing, or what the
 * model says. Whoever judges steps as they come, all four behaviours of each, leaves `UNKNOWN_LABEL` beside them.
 */
export const SILENT = 3
/** Nobody has denied it, but somebody has said that the step shows another behaviour. */
export const IMPLIED_ABSENT = 4

/** Whether somebody has said of a step itself that it shows the behaviour, 1, or does not, 0. */
export const isOutright = (said: number): boolean => said <= 1
export const isImplied = (said: number): boolean => said === IMPLIED_ABSENT
export const isSilent = (said: number): boolean => said === SILENT
/** Whether nobody has said it outright in a trace where somebody labels what they see. */
export const isUnjudged = (said: number): boolean => isImplied(said) || isSilent(said)

/** What is needed of a label to tell who says what, and who has the last word. */
export type Said = Saying<Behaviour> & Dated

const WIDTH = BEHAVIOURS.length
const EVERY = (1 << WIDTH) - 1

/**
 * What labels say of each step, and how they came: 1 where the behaviour is seen, 0 where it is denied outright, else
 * `IMPLIED_ABSENT`, `SILENT` or `UNKNOWN_LABEL`. Where labels differ, of whomever they are, the newest counts. Steps ×
 * behaviours.
 * @param bounds `[start0, end0, …]`, UTF-16
 */
export function saidOfSteps(bounds: Uint32Array, labels: readonly Said[]): Uint8Array {
  const said = new Uint8Array((bounds.length / 2) * WIDTH).fill(SILENT)
  for (const label of labels.toSorted(byAge)) {
    const column = BEHAVIOURS.indexOf(label.behaviour)
    eachMarked(bounds, label, (step) => (said[step * WIDTH + column] = Number(label.verdict === 'present')))
  }
  const whole = judgedWhole(bounds, labels)
  const asTheyCame = said.every((one, at) => !isOutright(one) || whole[Math.floor(at / WIDTH)] === 1)
  const unsaid = asTheyCame ? UNKNOWN_LABEL : SILENT
  for (let from = 0; from < said.length; from += WIDTH) {
    const step = said.subarray(from, from + WIDTH)
    const otherwise = step.includes(1) ? IMPLIED_ABSENT : unsaid
    step.forEach((one, column) => {
      if (!isOutright(one)) step[column] = otherwise
    })
  }
  return said
}

/**
 * What labels say of each step: 0, 1, or with `judged` `UNKNOWN_LABEL` where nobody has judged it. A step that shows one
 * behaviour is judged for all, one that is denied a behaviour for that. Steps × behaviours.
 * @param bounds `[start0, end0, …]`, UTF-16
 */
export function judgedLabels(bounds: Uint32Array, labels: readonly Said[], judged: boolean): Uint8Array {
  return saidOfSteps(bounds, labels).map((said) => {
    if (isOutright(said)) return said
    return !judged || isImplied(said) ? 0 : UNKNOWN_LABEL
  })
}

/** Steps of which one person has said of every behaviour whether it is there: one 0 or 1 per step. */
function judgedWhole(bounds: Uint32Array, labels: readonly Said[]): Uint8Array {
  const whole = new Uint8Array(bounds.length / 2)
  for (const own of Map.groupBy(labels, ({ annotator }) => annotator).values()) {
    // One bit a behaviour.
    const named = new Uint8Array(whole.length)
    for (const label of own) {
      const bit = 1 << BEHAVIOURS.indexOf(label.behaviour)
      eachMarked(bounds, label, (step) => (named[step]! |= bit))
    }
    for (const [step, bits] of named.entries()) if (bits === EVERY) whole[step] = 1
  }
  return whole
}
