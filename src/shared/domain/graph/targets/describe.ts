import { CUE_COUNT, cueBit, cueMask } from './cues.ts'
import { ITEM, LINE, PARAGRAPH, type Facts } from './facts.ts'
import { createLikeness } from './lexicon.ts'
import { NO_TARGET, type History } from './history.ts'
import { createPath, markPath, RETURN_POINT, TURN } from './path.ts'

/** Raised whenever the features, their order or the candidates change; weights name the version they fit. */
export const TARGETS_VERSION = 1

const OWN_CUES = [
  'question',
  'colon',
  'concludes',
  'equation',
  'problem',
  'maybe',
  'supposes',
  'holds',
  'refutes',
  'item',
  'again',
  'hesitates',
].map(cueBit)
const CHILD_CUES = [
  'maybe',
  'alternatively',
  'another',
  'supposes',
  'try',
  'concludes',
  'equation',
  'item',
  'example',
  'orders',
  'wait',
  'lets',
].map(cueBit)
const OWN = 95
const QUERY = 31
/** Numbers that describe a candidate; the query's own come after them and are the same for all candidates. */
export const CANDIDATE_WIDTH = OWN + OWN_CUES.length + CHILD_CUES.length
export const QUERY_WIDTH = QUERY + CUE_COUNT
export const WIDTH = CANDIDATE_WIDTH + QUERY_WIDTH

export type Relation = 'returns_to' | 'verifies'

/** The candidates of one decision. */
export interface Decision {
  readonly step: number
  readonly relation: Relation
  /** Steps, ascending; −1 is the problem itself. */
  readonly candidates: number[]
  /** Candidates × `CANDIDATE_WIDTH`, row-major. */
  readonly rows: Float32Array
  readonly query: Float32Array
}

const VERIFICATION = 0
const BACKTRACKING = 1
const SUBGOAL = 2
const CHAINING = 3
const OPENS = cueMask('maybe', 'supposes', 'try')
const CONCLUDES = cueMask('concludes')
const EQUATION = cueMask('equation')
const COLON = cueMask('colon')
const MAYBE = cueMask('maybe')
const TRY = cueMask('try')
const REFUTES = cueMask('refutes', 'no', 'verdict')
/** Shape of a step that begins with an expression. */
const EXPRESSION = (Math.imul(1, 31) + 1) | 0

/** Describes the decisions of one trace, given the choices before. */
export type Describe = (step: number, relation: Relation, history: History) => Decision

export function createDescriber(facts: Facts): Describe {
  const { steps, lexicon, cues, layout, shown } = facts
  const ownLikeness = createLikeness(steps)
  const aheadLikeness = createLikeness(steps)
  const { all: own, numbers: ownNumbers, pairs: ownPairs } = ownLikeness
  const { all: ahead, numbers: aheadNumbers, pairs: aheadPairs } = aheadLikeness
  const path = createPath(steps)
  const turns = stepsThat(BACKTRACKING)
  const checks = stepsThat(VERIFICATION)
  const goals = stepsThat(SUBGOAL)
  const firstTurn = turns[0] ?? steps
  const firstCheck = checks[0] ?? steps
  const firstGoal = goals[0] ?? steps
  const firstMaybe = firstOf((step) => (cues[step]! & MAYBE) !== 0)
  const firstTry = firstOf((step) => (cues[step]! & TRY) !== 0)
  const firstExpression = firstOf((step) => lexicon.shape[step] === EXPRESSION)
  const firstOpen = firstOf((step) => (cues[step]! & OPENS) !== 0 || is(step, VERIFICATION))
  /** Steps so far that work something out, and refuting checks so far. */
  const worked = new Int32Array(steps + 1)
  const refuted = new Int32Array(steps + 1)
  for (let step = 0; step < steps; step++) {
    const check = is(step, VERIFICATION)
    worked[step + 1] = worked[step]! + ((cues[step]! & (EQUATION | CONCLUDES)) !== 0 && !check ? 1 : 0)
    refuted[step + 1] = refuted[step]! + ((cues[step]! & REFUTES) !== 0 && check ? 1 : 0)
  }

  function is(step: number, behaviour: number): boolean {
    return step >= 0 && step < steps && shown[step * 4 + behaviour] === 1
  }
  function stepsThat(behaviour: number): number[] {
    const found: number[] = []
    for (let step = 0; step < steps; step++) if (is(step, behaviour)) found.push(step)
    return found
  }
  function firstOf(test: (step: number) => boolean): number {
    for (let step = 1; step < steps; step++) if (test(step)) return step
    return NO_TARGET
  }
  function nearest(step: number, test: (step: number) => boolean): number {
    for (let at = step; at >= 0; at--) if (test(at)) return at
    return NO_TARGET
  }
  function firstLike(shapes: Int32Array, step: number): number {
    for (let at = 1; at < step; at++) if (shapes[at] === shapes[step]) return at
    return NO_TARGET
  }

  return function describe(step, relation, history) {
    const checking = relation === 'verifies'
    const { level, role, child, joints } = path
    const { anchors, uses, returnsTo, verifies } = history
    markPath(path, step, history)
    const turn = lowerBound(turns, step)
    const check = lowerBound(checks, step + (checking ? 0 : 1))
    const goal = lowerBound(goals, step)
    const lastTurn = turns[turn - 1] ?? NO_TARGET
    const lastTarget = lastTurn >= 0 ? returnsTo[lastTurn]! : NO_TARGET
    const lastCheck = checks[check - 1] ?? NO_TARGET
    const checked = lastCheck >= 0 ? verifies[lastCheck]! : NO_TARGET
    let runStart = turn - 1
    while (runStart > 0 && turns[runStart - 1]! >= turns[runStart]! - 1) runStart--
    const turnStart = runStart >= 0 ? turns[runStart]! : NO_TARGET

    lexicon.compare(step, step, step, ownLikeness)
    // What a turn goes on to, or the whole of a check, says more than its first sentence.
    let last = step
    const carriesOn = (at: number) => (checking ? is(at, VERIFICATION) : !is(at, BACKTRACKING))
    while (last < steps - 1 && last < step + (checking ? 6 : 3) && carriesOn(last + 1)) last++
    let first = step
    while (checking && first > 0 && first > step - 6 && is(first - 1, VERIFICATION)) first--
    lexicon.compare(first, last, first, aheadLikeness)

    const lastGoal = goals[goal - 1] ?? NO_TARGET
    const goalBeforeTurns = goals[lowerBound(goals, Math.min(firstTurn, step)) - 1] ?? NO_TARGET
    const lastGoalOnPath = nearest(step - 1, (at) => is(at, SUBGOAL) && level[at + 1]! >= 0)
    const lastPlain = nearest(step - 1, (at) => !is(at, VERIFICATION))
    const lastConclusion = nearest(step - 1, (at) => (cues[at]! & CONCLUDES) !== 0 && !is(at, VERIFICATION))
    const lastEquation = nearest(step - 1, (at) => (cues[at]! & EQUATION) !== 0 && !is(at, VERIFICATION))
    const lastColon = nearest(step - 1, (at) => (cues[at]! & COLON) !== 0)
    const lastOpen = nearest(step - 1, (at) => (cues[at]! & OPENS) !== 0 || is(at, BACKTRACKING))
    const firstAlike = firstLike(lexicon.shape, step)
    const firstStart = firstLike(lexicon.start, step)
    const twin = twinOf(step, checking ? checks : turns, checking ? check : turn)
    const twinTarget = twin < 0 ? NO_TARGET : checking ? verifies[twin]! : returnsTo[twin]!

    const chosen = new Set<number>([-1])
    const add = (at: number) => {
      if (at >= 0 && at < step) chosen.add(at)
    }
    for (let at = step - 1; at >= step - (checking ? 24 : 16); at--) add(at)
    if (checking) chosen.add(step)
    for (const at of joints.slice(0, 16)) {
      add(at)
      add(at - 1)
    }
    for (const at of anchors.slice(-10)) {
      add(at)
      add(at + 1)
    }
    for (let at = turn - 1; at >= Math.max(0, turn - 8); at--) {
      add(turns[at]!)
      add(turns[at]! - 1)
    }
    for (let at = goal - 1; at >= Math.max(0, goal - 8); at--) {
      add(goals[at]!)
      if (!checking) add(goals[at]! - 1)
    }
    for (let at = check - 1; at >= Math.max(0, check - 4); at--) add(verifies[checks[at]!]!)
    for (const at of [
      firstAlike,
      firstStart,
      firstMaybe,
      firstTry,
      firstExpression,
      firstCheck,
      firstOpen,
      lastOpen,
    ])
      add(at - 1)
    for (const at of [
      lastPlain,
      lastConclusion,
      lastEquation,
      lastColon,
      checked,
      checked - 1,
      goalBeforeTurns,
    ])
      add(at)
    if (twinTarget >= 0) {
      add(twinTarget)
      add(twinTarget + step - twin)
    }
    for (let at = 0; at < 10; at++) add(at)
    const ownBest = addBest(own, step, chosen)
    const aheadBest = addBest(ahead, step, chosen)
    const pairsBest = addBest(ownPairs, step, chosen)
    const aheadPairsBest = addBest(aheadPairs, step, chosen)
    const candidates = [...chosen].sort((a, b) => a - b)

    // How alike earlier turns (or checks) with the same target are.
    const likeness = new Map<number, number>()
    const peers = checking ? checks : turns
    for (let at = (checking ? check : turn) - 1, to = Math.max(0, at - 40); at >= to; at--) {
      const target = checking ? verifies[peers[at]!]! : returnsTo[peers[at]!]!
      likeness.set(target, Math.max(likeness.get(target) ?? 0, own[peers[at]!]!))
    }

    const rows = new Float32Array(candidates.length * CANDIDATE_WIDTH)
    let turnsBefore = 0
    for (const [index, k] of candidates.entries()) {
      let at = index * CANDIDATE_WIDTH
      const put = (value: number | boolean) => {
        rows[at++] = Number(value)
      }
      const d = step - k
      const inside = k >= 0 && k < step
      while (turnsBefore < turn && turns[turnsBefore]! <= k) turnsBefore++
      put(k === -1)
      put(d === 0)
      put(d === 1)
      put(d === 2)
      put(d === 3)
      put(d <= 5)
      put(Math.log1p(d) / 5)
      put(k < 0 ? 1 : d / (step + 1))
      put(k >= 0 && k <= 2)
      put(k >= 0 ? Math.log1p(k) / 5 : 0)
      // Where it stands among the turns.
      put(k === lastTurn)
      put(k === turnStart)
      put(k === turnStart - 1 && turnStart > 0)
      put(is(k, BACKTRACKING))
      put(lastTurn >= 0 && k > lastTurn)
      put(Math.log1p(turn - turnsBefore) / 4)
      put(turn > 0 ? turnsBefore / turn : 1)
      put(k >= 0 && turnsBefore === 0)
      put(k + 1 < step && is(k + 1, BACKTRACKING))
      put(inside && k === firstTurn - 1)
      // Earlier choices.
      const use = uses.get(k) ?? 0
      const rank = use > 0 ? anchors.length - anchors.lastIndexOf(k) : 0
      const same = k === lastTarget
      put(same)
      put(same ? history.returnConfidence[lastTurn]! : 0)
      put(same && lastTurn === step - 1)
      put(rank === 2)
      put(rank === 3)
      put(rank > 3)
      put(Math.log1p(use) / 3)
      put(use > 0 ? use / turn : 0)
      put(likeness.get(k) ?? 0)
      // The tree so far: the step that follows the candidate on the active path is what a return there drops.
      const on = level[k + 1]!
      const mark = role[k + 1]!
      const next = on >= 0 ? child[k + 1]! : k + 1
      put(on >= 0)
      put(on === 0)
      put(on > 0 ? Math.min(on, 6) / 6 : 0)
      put((mark & RETURN_POINT) !== 0 && on === 1)
      put((mark & RETURN_POINT) !== 0 && on === 2)
      put((mark & RETURN_POINT) !== 0 && on > 2)
      put((mark & TURN) !== 0 && on === 0)
      put((mark & TURN) !== 0 && on === 1)
      put((mark & TURN) !== 0 && on > 1)
      put(next < step && own[next]! > 0 ? own[next]! : 0)
      put(next < step && ahead[next]! > 0 ? ahead[next]! : 0)
      put(next < step && is(next, BACKTRACKING))
      put(next < step && is(next, VERIFICATION))
      put(next < step && is(next, SUBGOAL))
      put(next < step && (layout[next]! & PARAGRAPH) !== 0)
      put(Math.log1p(Math.max(0, step - next)) / 5)
      put(next < step ? Math.log1p(refuted[step]! - refuted[next]!) / 3 : 0)
      put(next < step && checked >= next)
      put(next < step && checked === next)
      put(next < step && lexicon.opening[next] === lexicon.opening[step])
      put(next < step && lexicon.shape[next] === lexicon.shape[step])
      // Behaviours and layout of the candidate.
      put(is(k, SUBGOAL))
      put(is(k, CHAINING))
      put(is(k, VERIFICATION))
      put(k >= 0 && k === lastGoal)
      put(k >= 0 && k === lastGoalOnPath)
      put(k >= 0 && k === goalBeforeTurns)
      put(k >= 0 && k === firstGoal)
      put(k >= 0 && (layout[k]! & PARAGRAPH) !== 0)
      put(k >= 0 && (layout[k]! & LINE) !== 0)
      put(k >= 0 && k + 1 < step && (layout[k + 1]! & LINE) !== 0)
      put(k >= 0 && (layout[k]! & ITEM) !== 0)
      put(k >= 0 && lexicon.length[k]! < 5)
      put(worked[k + 1]! > 0 ? Math.log1p(worked[k + 1]!) / 4 : 0)
      put(k >= 0 && k < firstCheck && k < firstMaybe)
      // First attempts.
      put(k >= 0 && k === firstOpen - 1)
      put(k >= 0 && k === firstAlike - 1)
      put(k >= 0 && k === firstStart - 1)
      put(k >= 0 && k === firstStart - 1 && lexicon.start[k] !== lexicon.start[step])
      put(k >= 0 && k === firstMaybe - 1)
      put(k >= 0 && k === firstCheck - 1)
      put(k >= 0 && k === firstTry - 1)
      put(k >= 0 && k === firstExpression - 1)
      put(k >= 0 && k === lastOpen - 1)
      put(k >= 0 && k === lastOpen)
      // Shared content.
      put(inside ? own[k]! : 0)
      put(inside ? ahead[k]! : 0)
      put(inside ? ownNumbers[k]! : 0)
      put(inside ? aheadNumbers[k]! : 0)
      put(inside ? ownPairs[k]! : 0)
      put(inside ? aheadPairs[k]! : 0)
      put(next < step ? aheadPairs[Math.max(0, next)]! : 0)
      put(k >= 0 && k === pairsBest)
      put(k >= 0 && k === aheadPairsBest)
      put(k >= 0 && k === ownBest)
      put(k >= 0 && k === aheadBest)
      put(twin >= 0 && k === twinTarget)
      put(twin >= 0 && twinTarget >= 0 && k === twinTarget + step - twin)
      // What was checked last, and what can be checked.
      put(checked !== NO_TARGET && k === checked)
      put(checked !== NO_TARGET && k === checked && lastCheck === step - 1)
      put(checked !== NO_TARGET && k === checked - 1)
      put(checked !== NO_TARGET && k < checked)
      put(k >= 0 && k === lastPlain)
      put(k >= 0 && k === lastPlain - 1)
      put(k >= 0 && k === lastConclusion)
      put(k >= 0 && k === lastEquation)
      if (at !== index * CANDIDATE_WIDTH + OWN) throw new RangeError(`own ${at - index * CANDIDATE_WIDTH}`)
      at = putCues(rows, at, k >= 0 ? cues[k]! : 0, OWN_CUES)
      putCues(rows, at, next < step && next >= 0 ? cues[next]! : 0, CHILD_CUES)
    }

    const query = new Float32Array(QUERY_WIDTH)
    let at = 0
    const put = (value: number | boolean) => {
      query[at++] = Number(value)
    }
    put(is(step, VERIFICATION))
    put(is(step, BACKTRACKING))
    put(is(step, SUBGOAL))
    put(is(step, CHAINING))
    put(is(step - 1, VERIFICATION))
    put(is(step - 1, BACKTRACKING))
    put(is(step - 1, SUBGOAL))
    put(is(step + 1, BACKTRACKING))
    put(is(step + 1, VERIFICATION))
    put(is(step + 1, SUBGOAL))
    put(turn === 0)
    put(Math.log1p(turn) / 4)
    put(Math.log1p(turns.length) / 4)
    put(turns.length / Math.max(1, steps))
    put(checks.length / Math.max(1, steps))
    put(goals.length / Math.max(1, steps))
    put(Math.log1p(firstTurn) / 5)
    put(Math.log1p(firstGoal) / 5)
    put(firstGoal < firstTurn)
    put(lastTarget === -1)
    put(turn > 0 ? (uses.get(-1) ?? 0) / turn : 0)
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
    if (at !== QUERY) throw new RangeError(`query ${at}`)
    for (let bit = 0; bit < CUE_COUNT; bit++) query[at++] = (cues[step]! >>> bit) & 1
    return { step, relation, candidates, rows, query }
  }

  /** Adds the four steps most like the query; returns the most like one. */
  function addBest(scores: Float32Array, before: number, chosen: Set<number>): number {
    const best: number[] = []
    for (let at = 0; at < before; at++) {
      const score = scores[at]!
      if (score <= 0 || (best.length === 4 && score <= scores[best[3]!]!)) continue
      let place = best.length
      while (place > 0 && scores[best[place - 1]!]! < score) place--
      best.splice(place, 0, at)
      if (best.length > 4) best.pop()
    }
    best.forEach((at) => chosen.add(at))
    return best[0] ?? NO_TARGET
  }

  /** The last peer before with the same words. */
  function twinOf(step: number, peers: readonly number[], order: number): number {
    for (let at = order - 1; at >= 0; at--) {
      if (lexicon.whole[peers[at]!] === lexicon.whole[step]) return peers[at]!
    }
    return NO_TARGET
  }
}

function putCues(into: Float32Array, at: number, cues: number, bits: readonly number[]): number {
  for (const bit of bits) into[at++] = (cues >>> bit) & 1
  return at
}

/** How many of the ascending `sorted` are below `value`. */
function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
