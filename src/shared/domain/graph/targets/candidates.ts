import { countBelow } from '../../sorted.ts'
import { cueMask } from './cues.ts'
import { createLikeness, type Likeness } from './lexicon.ts'
import { BACKTRACKING, NONE, VERIFICATION, type Outline } from './outline.ts'

export type Relation = 'returns_to' | 'verifies'

const OPENS = cueMask('maybe', 'supposes', 'try')
const CONCLUDES = cueMask('concludes')
const EQUATION = cueMask('equation')
const COLON = cueMask('colon')

/** Steps near or far that a step may point at, seen from it. `NONE` where there is none. */
export interface Landmarks {
  readonly step: number
  readonly relation: Relation
  /** Turns, checks and subgoals before the step; for a turn its own check counts. */
  readonly turn: number
  readonly check: number
  readonly goal: number
  readonly lastTurn: number
  /** First step of the last run of turns. */
  readonly turnStart: number
  readonly lastCheck: number
  /** What the last check verifies, where that is known. */
  readonly checked: number
  readonly lastGoal: number
  readonly goalBeforeTurns: number
  readonly lastPlain: number
  readonly lastConclusion: number
  readonly lastEquation: number
  readonly lastOpen: number
  /** First step of the same shape, and the first with the same first token. */
  readonly firstAlike: number
  readonly firstStart: number
  /** Steps most like the step, and most like what it goes on to: by all terms, and by pairs. */
  readonly best: Readonly<Record<'own' | 'ahead' | 'ownPairs' | 'aheadPairs', number>>
  /** Steps, ascending; −1 is the problem itself. */
  readonly candidates: readonly number[]
}

/** Finds landmarks and candidates; `own` and `ahead` hold the likeness to the step of the last call. */
export interface Finder {
  find(step: number, relation: Relation, verifies: Int32Array | null): Landmarks
  readonly own: Likeness
  readonly ahead: Likeness
}

/** Steps looked at one by one before a turn and before a check. */
const NEAR = { returns_to: 16, verifies: 20 } as const
const EARLIEST = 10
const BEST = 4

export function createFinder(outline: Outline): Finder {
  const { facts, is, turns, checks, goals, first } = outline
  const { steps, cues, lexicon } = facts
  const own = createLikeness(steps)
  const ahead = createLikeness(steps)
  const openings = Object.values(first)
  // 1 for every step that is a candidate, 0 again once they are read off.
  const chosen = new Uint8Array(steps)

  function find(step: number, relation: Relation, verifies: Int32Array | null): Landmarks {
    const checking = relation === 'verifies'
    const turn = countBelow(turns, step)
    const check = countBelow(checks, step + (checking ? 0 : 1))
    const goal = countBelow(goals, step)
    let run = turn - 1
    while (run > 0 && turns[run - 1]! >= turns[run]! - 1) run--
    const lastCheck = checks[check - 1] ?? NONE
    compare(step, checking)
    const marks = {
      step,
      relation,
      turn,
      check,
      goal,
      lastTurn: turns[turn - 1] ?? NONE,
      turnStart: turns[run] ?? NONE,
      lastCheck,
      checked: verifies === null || lastCheck < 0 ? NONE : verifies[lastCheck]!,
      lastGoal: goals[goal - 1] ?? NONE,
      goalBeforeTurns: goals[countBelow(goals, Math.min(turns[0] ?? steps, step)) - 1] ?? NONE,
      lastPlain: nearest(step, (at) => !is(at, VERIFICATION)),
      lastConclusion: nearest(step, (at) => (cues[at]! & CONCLUDES) !== 0 && !is(at, VERIFICATION)),
      lastEquation: nearest(step, (at) => (cues[at]! & EQUATION) !== 0 && !is(at, VERIFICATION)),
      lastOpen: nearest(step, (at) => (cues[at]! & OPENS) !== 0 || is(at, BACKTRACKING)),
      firstAlike: firstLike(lexicon.shape, step),
      firstStart: firstLike(lexicon.start, step),
    }
    const best = choose(marks, verifies)
    const candidates = [-1]
    for (let at = 0; at <= step; at++) {
      if (chosen[at] === 0) continue
      candidates.push(at)
      chosen[at] = 0
    }
    return { ...marks, best, candidates }
  }

  /** What a turn goes on to, or the whole of a check, says more than its first sentence. */
  function compare(step: number, checking: boolean): void {
    lexicon.compare(step, step, step, own)
    const carriesOn = (at: number) => (checking ? is(at, VERIFICATION) : !is(at, BACKTRACKING))
    let last = step
    while (last < steps - 1 && last < step + (checking ? 6 : 3) && carriesOn(last + 1)) last++
    let from = step
    while (checking && from > 0 && from > step - 6 && is(from - 1, VERIFICATION)) from--
    lexicon.compare(from, last, from, ahead)
  }

  function choose(marks: Omit<Landmarks, 'best' | 'candidates'>, verifies: Int32Array | null) {
    const { step, relation, turn, check, goal } = marks
    const checking = relation === 'verifies'
    const add = (at: number) => {
      if (at >= 0 && at < step) chosen[at] = 1
    }
    for (let at = step - 1; at >= step - NEAR[relation]; at--) add(at)
    if (checking) chosen[step] = 1
    for (let at = turn - 1; at >= Math.max(0, turn - 8); at--) {
      add(turns[at]!)
      add(turns[at]! - 1)
    }
    for (let at = goal - 1; at >= Math.max(0, goal - 8); at--) {
      add(goals[at]!)
      if (!checking) add(goals[at]! - 1)
    }
    for (let at = check - 1; verifies !== null && at >= Math.max(0, check - 4); at--)
      add(verifies[checks[at]!]!)
    for (const at of [marks.firstAlike, marks.firstStart, marks.lastOpen, checks[0] ?? NONE]) add(at - 1)
    for (const at of openings) add(at - 1)
    add(marks.lastPlain)
    add(marks.lastConclusion)
    add(marks.lastEquation)
    add(marks.checked)
    add(marks.checked - 1)
    add(marks.goalBeforeTurns)
    add(nearest(step, (at) => (cues[at]! & COLON) !== 0))
    for (let at = 0; at < EARLIEST; at++) add(at)
    return {
      own: addBest(own.all, step, chosen),
      ahead: addBest(ahead.all, step, chosen),
      ownPairs: addBest(own.pairs, step, chosen),
      aheadPairs: addBest(ahead.pairs, step, chosen),
    }
  }

  /** The last step before `step` that passes. */
  function nearest(step: number, test: (step: number) => boolean): number {
    for (let at = step - 1; at >= 0; at--) if (test(at)) return at
    return NONE
  }

  function firstLike(shapes: Int32Array, step: number): number {
    for (let at = 1; at < step; at++) if (shapes[at] === shapes[step]) return at
    return NONE
  }

  return { find, own, ahead }
}

/** Marks the steps with the highest scores; returns the highest. */
function addBest(scores: Float32Array, before: number, chosen: Uint8Array): number {
  const best: number[] = []
  for (let at = 0; at < before; at++) {
    const score = scores[at]!
    if (score <= 0 || (best.length === BEST && score <= scores[best[BEST - 1]!]!)) continue
    let place = best.length
    while (place > 0 && scores[best[place - 1]!]! < score) place--
    best.splice(place, 0, at)
    if (best.length > BEST) best.pop()
  }
  for (const at of best) chosen[at] = 1
  return best[0] ?? NONE
}
