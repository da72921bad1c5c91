import { cueBit } from './cues.ts'
import { ITEM, LINE, PARAGRAPH } from './facts.ts'
import { BACKTRACKING, CHAINING, SUBGOAL, VERIFICATION, type Outline } from './outline.ts'

// prettier-ignore
const OWN_CUES = ['question', 'colon', 'concludes', 'equation', 'problem', 'maybe', 'supposes', 'holds', 'refutes', 'item', 'again', 'hesitates'].map(cueBit)
// prettier-ignore
const NEXT_CUES = ['maybe', 'alternatively', 'another', 'supposes', 'try', 'concludes', 'equation', 'item', 'example', 'orders', 'wait', 'lets'].map(cueBit)

export const OWN_WIDTH = 19 + OWN_CUES.length
export const NEXT_WIDTH = 5 + NEXT_CUES.length

/** What describes a candidate whoever points at it, read once a trace. */
export interface Parts {
  /** (steps + 1) × `OWN_WIDTH`: of the problem, then of every step. */
  readonly own: Float32Array
  /** (steps + 1) × `NEXT_WIDTH`: of every step as the one after a candidate, then of none. */
  readonly next: Float32Array
}

export function readParts(outline: Outline): Parts {
  const { steps } = outline.facts
  const own = new Float32Array((steps + 1) * OWN_WIDTH)
  const next = new Float32Array((steps + 1) * NEXT_WIDTH)
  for (let step = -1; step < steps; step++) describeOwn(outline, step, own, (step + 1) * OWN_WIDTH)
  for (let step = 0; step < steps; step++) describeNext(outline, step, next, step * NEXT_WIDTH)
  return { own, next }
}

// The order of the lines is the order of the features.
function describeOwn({ facts, ...outline }: Outline, k: number, into: Float32Array, from: number): void {
  const { is, checks, goals, first, worked } = outline
  const { steps, lexicon, cues, layout } = facts
  const firstCheck = checks[0] ?? steps
  let at = from
  const put = (value: number | boolean) => {
    into[at++] = Number(value)
  }
  const real = k >= 0
  put(!real)
  put(real && k <= 2)
  put(real ? Math.log1p(k) / 5 : 0)
  put(is(k, BACKTRACKING))
  put(is(k, SUBGOAL))
  put(is(k, CHAINING))
  put(is(k, VERIFICATION))
  put(real && k === (goals[0] ?? steps))
  put(real && (layout[k]! & PARAGRAPH) !== 0)
  put(real && (layout[k]! & LINE) !== 0)
  put(real && (layout[k]! & ITEM) !== 0)
  put(real && lexicon.length[k]! < 5)
  put(Math.log1p(worked[k + 1]!) / 4)
  put(real && k < firstCheck && k < first.maybe)
  put(real && k === first.open - 1)
  put(real && k === first.maybe - 1)
  put(real && k === firstCheck - 1)
  put(real && k === first.try - 1)
  put(real && k === first.expression - 1)
  putCues(into, at, real ? cues[k]! : 0, OWN_CUES)
}

function describeNext({ facts, is }: Outline, step: number, into: Float32Array, from: number): void {
  const { cues, layout } = facts
  into[from] = Number(is(step, BACKTRACKING))
  into[from + 1] = Number(is(step, VERIFICATION))
  into[from + 2] = Number(is(step, SUBGOAL))
  into[from + 3] = Number((layout[step]! & PARAGRAPH) !== 0)
  into[from + 4] = Number((layout[step]! & LINE) !== 0)
  putCues(into, from + 5, cues[step]!, NEXT_CUES)
}

function putCues(into: Float32Array, from: number, cues: number, bits: readonly number[]): void {
  for (let at = 0; at < bits.length; at++) into[from + at] = (cues >>> bits[at]!) & 1
}
