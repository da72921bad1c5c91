import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { byAge } from '../last-word.ts'
import type { Span } from '../trace.ts'
import { markedSteps } from './align.ts'
import { UNKNOWN_LABEL } from './evaluate.ts'

/**
 * Nobody has said anything of a step, in a trace where somebody labels what they see: it may show nothing, or what the
 * model says. Whoever judges steps as they come, all four behaviours of each, leaves `UNKNOWN_LABEL` beside them.
 */
export const SILENT = 3
/** Nobody has denied it, but somebody has said that the step shows another behaviour. */
export const IMPLIED_ABSENT = 4

/** What is needed of a label to tell who says what, and who has the last word. */
export interface Said extends Span {
  readonly behaviour: Behaviour
  readonly verdict: 'present' | 'absent'
  readonly annotator: string
  readonly at?: string | null
  readonly id?: number
}

const WIDTH = BEHAVIOURS.length

/**
 * What labels say of each step, and how they came: 1 where the behaviour is seen, 0 where it is denied outright, else
 * `IMPLIED_ABSENT`, `SILENT` or `UNKNOWN_LABEL`. Where labels differ, of whomever they are, the newest counts. Steps ×
 * behaviours.
 * @param bounds `[start0, end0, …]`, UTF-16
 */
export function saidOfSteps(bounds: Uint32Array, labels: readonly Said[]): Uint8Array {
  const steps = bounds.length / 2
  const by = (own: readonly Said[]) =>
    BEHAVIOURS.map((behaviour) =>
      markedSteps(
        bounds,
        own.filter((one) => one.behaviour === behaviour),
      ),
    )
  const seen = BEHAVIOURS.map((behaviour) =>
    shownSteps(
      bounds,
      labels.filter((one) => one.behaviour === behaviour),
    ),
  )
  const named = by(labels)
  const whole = judgedWhole(bounds, labels)
  const touched = (step: number) => named.some((column) => column[step] === 1)
  const shows = (step: number) => seen.some((column) => column[step] === 1)
  const asTheyCame = Array.from({ length: steps }, (_, step) => step).every(
    (step) => !touched(step) || whole[step] === 1,
  )
  return Uint8Array.from({ length: steps * WIDTH }, (_, at) => {
    const [step, column] = [Math.floor(at / WIDTH), at % WIDTH]
    if (named[column]![step] === 1) return seen[column]![step]!
    if (shows(step)) return IMPLIED_ABSENT
    return asTheyCame ? UNKNOWN_LABEL : SILENT
  })
}

/**
 * What labels say of each step: 0, 1, or with `judged` `UNKNOWN_LABEL` where nobody has judged it. A step that shows one
 * behaviour is judged for all, one that is denied a behaviour for that. Steps × behaviours.
 * @param bounds `[start0, end0, …]`, UTF-16
 */
export function judgedLabels(bounds: Uint32Array, labels: readonly Said[], judged: boolean): Uint8Array {
  return saidOfSteps(bounds, labels).map((said) => {
    if (said <= 1) return said
    return !judged || said === IMPLIED_ABSENT ? 0 : UNKNOWN_LABEL
  })
}

/** Steps that show a behaviour by the last word on each: one 0 or 1 per step. */
function shownSteps(bounds: Uint32Array, labels: readonly Said[]): Uint8Array {
  const present = labels.filter(({ verdict }) => verdict === 'present')
  if (present.length === 0 || present.length === labels.length) return markedSteps(bounds, present)
  const shown = new Uint8Array(bounds.length / 2)
  for (const label of labels.toSorted(byAge))
    markedSteps(bounds, [label]).forEach((marked, step) => {
      if (marked === 1) shown[step] = Number(label.verdict === 'present')
    })
  return shown
}

/** Steps of which one person has said of every behaviour whether it is there: one 0 or 1 per step. */
function judgedWhole(bounds: Uint32Array, labels: readonly Said[]): Uint8Array {
  const whole = new Uint8Array(bounds.length / 2)
  for (const own of Map.groupBy(labels, ({ annotator }) => annotator).values()) {
    const named = BEHAVIOURS.map((behaviour) =>
      markedSteps(
        bounds,
        own.filter((one) => one.behaviour === behaviour),
      ),
    )
    for (let step = 0; step < whole.length; step++)
      if (named.every((column) => column[step] === 1)) whole[step] = 1
  }
  return whole
}
