import { cueMask } from './cues.ts'
import type { Facts } from './facts.ts'

/** A step that does not exist; −1 is the problem itself. */
export const NONE = -2

export const VERIFICATION = 0
export const BACKTRACKING = 1
export const SUBGOAL = 2
export const CHAINING = 3

const OPENS = cueMask('maybe', 'supposes', 'try')
const REFUTES = cueMask('refutes', 'no', 'verdict')
const WORKS = cueMask('equation', 'concludes')
/** Shape of a step that begins with an expression. */
const EXPRESSION = (Math.imul(1, 31) + 1) | 0

/** What holds of a trace as a whole, for every decision in it. */
export interface Outline {
  readonly facts: Facts
  /** Whether a step shows a behaviour; false for steps that do not exist. */
  is(step: number, behaviour: number): boolean
  readonly turns: readonly number[]
  readonly checks: readonly number[]
  readonly goals: readonly number[]
  /** First steps that open an attempt in one way or another, `NONE` where there is none. */
  readonly first: Readonly<Record<'maybe' | 'try' | 'expression' | 'open', number>>
  /** Steps before that work something out, and checks before that say no. */
  readonly worked: Int32Array
  readonly refuted: Int32Array
}

export function outlineOf(facts: Facts): Outline {
  const { steps, cues, shown, lexicon } = facts
  const is = (step: number, behaviour: number) =>
    step >= 0 && step < steps && shown[step * 4 + behaviour] === 1
  const stepsThat = (behaviour: number) => {
    const found: number[] = []
    for (let step = 0; step < steps; step++) if (is(step, behaviour)) found.push(step)
    return found
  }
  const firstOf = (test: (step: number) => boolean) => {
    for (let step = 1; step < steps; step++) if (test(step)) return step
    return NONE
  }
  const says = (step: number, mask: number) => (cues[step]! & mask) !== 0
  const worked = new Int32Array(steps + 1)
  const refuted = new Int32Array(steps + 1)
  for (let step = 0; step < steps; step++) {
    const check = is(step, VERIFICATION)
    worked[step + 1] = worked[step]! + (says(step, WORKS) && !check ? 1 : 0)
    refuted[step + 1] = refuted[step]! + (says(step, REFUTES) && check ? 1 : 0)
  }
  return {
    facts,
    is,
    turns: stepsThat(BACKTRACKING),
    checks: stepsThat(VERIFICATION),
    goals: stepsThat(SUBGOAL),
    first: {
      maybe: firstOf((step) => says(step, cueMask('maybe'))),
      try: firstOf((step) => says(step, cueMask('try'))),
      expression: firstOf((step) => lexicon.shape[step] === EXPRESSION),
      open: firstOf((step) => says(step, OPENS) || is(step, VERIFICATION)),
    },
    worked,
    refuted,
  }
}
