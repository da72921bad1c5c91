import { createFinder, type Landmarks, type Relation } from './candidates.ts'
import { CUE_COUNT } from './cues.ts'
import { LINE, PARAGRAPH } from './facts.ts'
import { NONE, type Outline } from './outline.ts'
import { NEXT_WIDTH, OWN_WIDTH } from './parts.ts'

/** Raised whenever the features, their order or the candidates change; weights name the version they fit. */
export const TARGETS_VERSION = 3

const QUERY = 29
/** Numbers that describe a candidate as seen from a step. */
export const SEEN_WIDTH = 49
/** All that describe a candidate: as seen, its own, of the step after it; the query's are the same for all. */
export const CANDIDATE_WIDTH = SEEN_WIDTH + OWN_WIDTH + NEXT_WIDTH
export const QUERY_WIDTH = QUERY + CUE_COUNT
export const WIDTH = CANDIDATE_WIDTH + QUERY_WIDTH

/** The candidates of one step and what tells them apart. */
export interface Decision {
  readonly step: number
  readonly relation: Relation
  /** Steps, ascending; −1 is the problem itself. */
  readonly candidates: readonly number[]
  /** Candidates × `SEEN_WIDTH`, row-major; the rest of a candidate is in the trace's `Parts`. */
  readonly rows: Float32Array
  readonly query: Float32Array
}

/** Describes the decision of a step. `verifies` tells what each check verifies, null while that is not known. */
export type Describe = (step: number, relation: Relation, verifies: Int32Array | null) => Decision

export function createDescriber(outline: Outline): Describe {
  const { facts, is, turns, checks, goals, worked, refuted } = outline
  const { steps, lexicon, cues, layout } = facts
  const finder = createFinder(outline)
  const { own, ahead } = finder
  const firstTurn = turns[0] ?? steps
  const firstGoal = goals[0] ?? steps

  return (step, relation, verifies) => {
    const marks = finder.find(step, relation, verifies)
    const { candidates } = marks
    const rows = new Float32Array(candidates.length * SEEN_WIDTH)
    let turnsBefore = 0
    candidates.forEach((candidate, index) => {
      while (turnsBefore < marks.turn && turns[turnsBefore]! <= candidate) turnsBefore++
      describeCandidate(rows, index * SEEN_WIDTH, candidate, turnsBefore, marks)
    })
    return { step, relation, candidates, rows, query: describeQuery(marks) }
  }

  // The order of the lines is the order of the features.
  function describeCandidate(
    rows: Float32Array,
    from: number,
    k: number,
    turnsBefore: number,
    marks: Landmarks,
  ): void {
    const { step, turn, lastTurn, turnStart, checked, lastPlain, lastOpen, firstStart } = marks
    let at = from
    const put = (value: number | boolean) => {
      rows[at++] = Number(value)
    }
    const d = step - k
    const real = k >= 0
    const before = real && k < step
    /** The step after the candidate is what a return to it drops. */
    const next = k + 1
    const hasNext = next < step
    put(d === 0)
    put(d === 1)
    put(d === 2)
    put(d === 3)
    put(d <= 5)
    put(Math.log1p(d) / 5)
    put(real ? d / (step + 1) : 1)
    // Where it stands among the turns.
    put(k === lastTurn)
    put(k === turnStart)
    put(k === turnStart - 1 && turnStart > 0)
    put(lastTurn >= 0 && k > lastTurn)
    put(Math.log1p(turn - turnsBefore) / 4)
    put(turn > 0 ? turnsBefore / turn : 1)
    put(real && turnsBefore === 0)
    put(before && k === firstTurn - 1)
    // What follows it.
    put(hasNext ? own.all[next]! : 0)
    put(hasNext ? ahead.all[next]! : 0)
    put(hasNext ? ahead.pairs[next]! : 0)
    put(Math.log1p(Math.max(0, step - next)) / 5)
    put(hasNext ? Math.log1p(refuted[step]! - refuted[next]!) / 3 : 0)
    put(hasNext && checked >= next)
    put(hasNext && checked === next)
    put(hasNext && lexicon.opening[next] === lexicon.opening[step])
    put(hasNext && lexicon.shape[next] === lexicon.shape[step])
    put(real && k === marks.lastGoal)
    put(real && k === marks.goalBeforeTurns)
    // First attempts.
    put(real && k === marks.firstAlike - 1)
    put(real && k === firstStart - 1)
    put(real && k === firstStart - 1 && lexicon.start[k] !== lexicon.start[step])
    put(real && k === lastOpen - 1)
    put(real && k === lastOpen)
    // Shared content.
    put(before ? own.all[k]! : 0)
    put(before ? ahead.all[k]! : 0)
    put(before ? own.numbers[k]! : 0)
    put(before ? ahead.numbers[k]! : 0)
    put(before ? own.pairs[k]! : 0)
    put(before ? ahead.pairs[k]! : 0)
    put(real && k === marks.best.own)
    put(real && k === marks.best.ahead)
    put(real && k === marks.best.ownPairs)
    put(real && k === marks.best.aheadPairs)
    // What was checked last, and what can be checked.
    put(checked !== NONE && k === checked)
    put(checked !== NONE && k === checked - 1)
    put(checked !== NONE && k < checked)
    put(checked !== NONE && k === checked && marks.lastCheck >= step - 1)
    put(real && k === lastPlain)
    put(real && k === lastPlain - 1)
    put(real && k === marks.lastConclusion)
    put(real && k === marks.lastEquation)
  }

  function describeQuery({ step, turn, lastTurn, lastCheck, lastPlain }: Landmarks): Float32Array {
    const query = new Float32Array(QUERY_WIDTH)
    let at = 0
    const put = (value: number | boolean) => {
      query[at++] = Number(value)
    }
    for (let behaviour = 0; behaviour < 4; behaviour++) put(is(step, behaviour))
    for (let behaviour = 0; behaviour < 3; behaviour++) put(is(step - 1, behaviour))
    for (let behaviour = 0; behaviour < 3; behaviour++) put(is(step + 1, behaviour))
    put(turn === 0)
    put(Math.log1p(turn) / 4)
    put(Math.log1p(turns.length) / 4)
    put(turns.length / Math.max(1, steps))
    put(checks.length / Math.max(1, steps))
    put(goals.length / Math.max(1, steps))
    put(Math.log1p(firstTurn) / 5)
    put(Math.log1p(firstGoal) / 5)
    put(firstGoal < firstTurn)
    put(lastTurn >= 0 ? Math.log1p(step - lastTurn) / 4 : 1)
    put(lastCheck >= 0 ? Math.log1p(step - lastCheck) / 4 : 1)
    put(lastPlain >= 0 ? Math.log1p(step - lastPlain) / 4 : 1)
    put((layout[step]! & PARAGRAPH) !== 0)
    put((layout[step]! & LINE) !== 0)
    put(lexicon.length[step]! < 6)
    put(Math.log1p(lexicon.length[step]!) / 5)
    put(Math.log1p(step) / 6)
    put(Math.log1p(worked[Math.min(firstTurn, steps)]!) / 4)
    put(worked[step]! / Math.max(1, step))
    for (let bit = 0; bit < CUE_COUNT; bit++) query[QUERY + bit] = (cues[step]! >>> bit) & 1
    return query
  }
}
