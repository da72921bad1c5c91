import { FRAME } from './phrases-frame.ts'
import { BACKTRACKING, BACKWARD_CHAINING, SUBGOAL_SETTING } from './phrases-behaviours.ts'
import { apply, type Combination, type Op } from './arithmetic.ts'
import {
  attemptGap,
  backTo,
  muse,
  operationSlots,
  phrase,
  tellPlan,
  termList,
  verdictSentence,
  withVerdict,
  type Telling,
} from './sentences.ts'
import type { Random } from './random.ts'
import type { SearchNode } from './tree.ts'
import type { Gap, Labels } from './writer.ts'

/** Tells a forward search operation by operation, going back to earlier results by name. */
export function tellForward(telling: Telling): void {
  const { random, voice, writer, search, has } = telling
  const root = search.nodes[0]!
  if (has.has('subgoal_setting') && random.chance(0.75)) tellPlan(telling)
  if (random.chance(0.3) && has.has('backtracking')) {
    writer.reach(root, writer.say(phrase(telling, FRAME.listOpening)))
  }
  let last = root
  for (const node of search.nodes.slice(1)) {
    const parent = node.parent!
    const turns = parent !== last
    const combination = node.move as Combination & { kind: 'combine' }
    if (turns) muse(telling)
    if (node.terms.length === 1 && has.has('backward_chaining') && !turns && random.chance(0.45)) {
      tellGap(telling, parent, combination)
    }
    if (!turns && parent !== root && has.has('subgoal_setting') && random.chance(0.25))
      tellNext(telling, parent)
    if (turns) tellTurn(telling, node, combination)
    else tellOperation(telling, node, combination, parent === root ? starts(random, node) : FRAME.go)
    last = node
  }
  if (voice.talk > 0.8 && random.chance(0.1)) writer.say(phrase(telling, FRAME.musing))
}

/** States an operation that goes on from where the search stands. */
export function tellOperation(
  telling: Telling,
  node: SearchNode,
  combination: Combination,
  templates: readonly string[],
): void {
  const { random, writer } = telling
  const slots = allSlots(telling, node, combination)
  if (random.chance(0.12)) {
    writer.say(phrase(telling, FRAME.ask, slots))
    stateResult(telling, node, phrase(telling, FRAME.told, slots), undefined)
  } else stateResult(telling, node, phrase(telling, templates, slots), undefined)
}

/** How an attempt may begin; where numbers are left over, they may be named. */
export function starts(random: Random, node: SearchNode): readonly string[] {
  return node.terms.length > 1 && random.chance(0.35) ? FRAME.startLeaving : FRAME.start
}

/** Opens an attempt that does not use the last result. */
export function tellTurn(telling: Telling, node: SearchNode, combination: Combination): void {
  const { random, writer, has, search } = telling
  const parent = node.parent!
  const labels: Labels = { behaviours: ['backtracking'], returnsTo: backTo(telling, parent) }
  const slots = allSlots(telling, node, combination)
  let gap: Gap = attemptGap(telling)
  if (random.chance(0.45)) {
    const drops = has.has('verification') ? [...BACKTRACKING.drop, ...BACKTRACKING.fail] : BACKTRACKING.drop
    writer.say(phrase(telling, drops), { labels, gap })
    gap = 'flow'
  }
  if (parent === search.nodes[0] && random.chance(0.35)) {
    writer.say(phrase(telling, BACKTRACKING.marker), { labels, gap })
    stateResult(telling, node, phrase(telling, starts(random, node), slots), undefined, 'line')
  } else if (random.chance(0.12)) {
    writer.say(phrase(telling, FRAME.ask, slots), { labels, gap })
    stateResult(telling, node, phrase(telling, FRAME.told, slots), undefined)
  } else {
    const templates =
      parent === search.nodes[0]
        ? BACKTRACKING.anew
        : parent.move!.kind === 'require'
          ? BACKTRACKING.swap
          : BACKTRACKING.back
    stateResult(telling, node, phrase(telling, templates, slots), labels, gap)
  }
}

/** Writes the sentence that reaches a state, with a verdict where everything is used up. */
export function stateResult(
  telling: Telling,
  node: SearchNode,
  sentence: string,
  labels: Labels | undefined,
  gap: Gap = 'flow',
): void {
  const { random, writer, has } = telling
  const finished = node.terms.length === 1
  const value = node.terms[0]!.value
  const judged = finished && has.has('verification') && random.chance(0.85)
  if (judged && random.chance(0.5)) {
    const both: Labels = {
      ...labels,
      behaviours: ['verification', ...(labels?.behaviours ?? [])],
      verifies: 'self',
    }
    writer.reach(node, writer.say(withVerdict(telling, sentence, value, node.goal), { labels: both, gap }))
    return
  }
  const piece = writer.say(sentence, { gap, ...(labels && { labels }) })
  writer.reach(node, piece)
  if (judged) {
    writer.say(verdictSentence(telling, value, node.goal), {
      labels: { behaviours: ['verification'], verifies: piece },
    })
  }
}

/** Asks of the last two numbers what the one would need to become the goal. */
function tellGap(telling: Telling, at: SearchNode, { op, a, b, result }: Combination): void {
  const { random, voice, writer, has } = telling
  const [mine, other] = at.terms[0] === a ? [a, b] : [b, a]
  const have = mine.value
  const succeeds = result.value === at.goal
  const gap =
    succeeds && mine === b && (op === '-' || op === '/') ? null : gapOf(have, at.goal, succeeds ? op : null)
  if (gap === null) return
  const difference: Combination =
    gap.kind === 'take'
      ? { op: '-', a: mine, b: term(at.goal), result: term(gap.need) }
      : { op: '-', a: term(at.goal), b: mine, result: term(gap.need) }
  const slots = {
    have: voice.number(have),
    goal: voice.number(at.goal),
    need: voice.number(gap.need),
    difference: voice.equation(difference),
    other: voice.number(other.value),
  }
  const piece = writer.say(phrase(telling, BACKWARD_CHAINING.gap[gap.kind], slots), {
    labels: { behaviours: ['backward_chaining'] },
  })
  if (!succeeds && other.value !== gap.need && has.has('verification') && random.chance(0.5)) {
    writer.say(phrase(telling, BACKWARD_CHAINING.unmet, slots), {
      labels: { behaviours: ['verification'], verifies: piece },
    })
  }
}

const term = (value: number) => ({ value, expr: value })

/** What separates `have` from the goal, by the operation that will bridge it, or by difference. */
function gapOf(
  have: number,
  goal: number,
  op: Op | null,
): { kind: 'add' | 'take' | 'times' | 'divide'; need: number } | null {
  if (have <= 0) return null
  const factor = apply('/', goal, have)
  if (op === '*' && factor !== null) return { kind: 'times', need: factor }
  if (op === '/' && goal > 0 && have % goal === 0) return { kind: 'divide', need: have / goal }
  if (op === '*' || op === '/' || have === goal) return null
  return have < goal ? { kind: 'add', need: goal - have } : { kind: 'take', need: have - goal }
}

/** Says what comes next in an attempt. */
function tellNext(telling: Telling, at: SearchNode): void {
  const { voice, writer } = telling
  const slots = { last: voice.number(at.terms[0]!.value), rest: termList(telling, at.terms.slice(1)) }
  writer.say(phrase(telling, SUBGOAL_SETTING.next, slots), { labels: { behaviours: ['subgoal_setting'] } })
}

/** Slots of an operation and of where it starts from. */
export function allSlots(
  telling: Telling,
  node: SearchNode,
  combination: Combination,
): Record<string, string> {
  const { voice } = telling
  const parent = node.parent!
  const made = parent.move?.kind === 'combine' ? parent.move : null
  const others = [combination.a, combination.b].filter((one) => one !== parent.terms[0])
  const from = voice.number(parent.terms[0]!.value)
  return {
    ...operationSlots(telling, combination),
    rest: termList(telling, node.terms.slice(1)),
    state: termList(telling, node.terms),
    from: made !== null && telling.random.chance(0.4) ? `${from} (${voice.operation(made)})` : from,
    last: from,
    other: others[0] ? voice.number(others[0].value) : from,
  }
}
