import { apply, type Combination, type Op } from './arithmetic.ts'
import { FRAME } from './phrases-frame.ts'
import { BACKTRACKING, BACKWARD_CHAINING, SUBGOAL_SETTING } from './phrases-behaviours.ts'
import { attemptGap, backTo, muse, operationSlots, phrase, termList, type Telling } from './sentences.ts'
import { starts, tellOperation, tellTurn } from './tell-forward.ts'
import { requirementsOf, type Requirement, type SearchNode } from './tree.ts'
import type { Gap, Labels } from './writer.ts'

/** Tells a search from the goal: requirements, then the numbers that meet them, then the way forward. */
export function tellGoalDirected(telling: Telling, style: 'backward' | 'subgoal'): void {
  const { search, writer, random, has } = telling
  const root = search.nodes[0]!
  if (has.has('backtracking') && random.chance(0.15)) {
    writer.reach(root, writer.say(phrase(telling, FRAME.listOpening)))
  }
  let last = root
  for (const node of search.nodes.slice(1)) {
    const turns = node.parent !== last
    if (turns) muse(telling)
    const move = node.move!
    if (move.kind === 'require') tellRequirement(telling, node, move, turns, style)
    else if (turns) tellTurn(telling, node, move)
    else tellOperation(telling, node, move, starts(random, node))
    last = node
  }
  tellForwardAgain(telling)
}

/** States what the others must make: as reasoning from the goal, as an intermediate goal, or both. */
function tellRequirement(
  telling: Telling,
  node: SearchNode,
  requirement: Requirement,
  turns: boolean,
  style: 'backward' | 'subgoal',
): void {
  const { random, writer, has } = telling
  const [reasons, plans] = [has.has('backward_chaining'), has.has('subgoal_setting')]
  const reasoned = reasons && (style === 'backward' || !plans || random.chance(0.4))
  const planned = plans && (style === 'subgoal' || !reasoned || random.chance(0.25))
  const slots = requirementSlots(telling, node, requirement)
  const returnsTo = backTo(telling, node.parent)
  let gap: Gap = turns ? attemptGap(telling) : 'flow'
  let joined = turns
  if (turns && random.chance(0.5)) {
    const drops = has.has('verification') ? [...BACKTRACKING.drop, ...BACKTRACKING.fail] : BACKTRACKING.drop
    const templates = random.chance(0.5) ? drops : BACKTRACKING.rethink
    writer.say(phrase(telling, templates), { labels: { behaviours: ['backtracking'], returnsTo }, gap })
    gap = 'flow'
    // The new start turns too, unless a bare opener ("Alternatively:") has announced it.
    joined = templates === drops
  }
  const labelled = (behaviour: 'backward_chaining' | 'subgoal_setting'): Labels =>
    joined ? { behaviours: ['backtracking', behaviour], returnsTo } : { behaviours: [behaviour] }
  const opened = (sentence: string): string =>
    joined ? `${random.pick(BACKTRACKING.instead)} ${uncapital(sentence)}` : sentence
  const say = (
    behaviour: 'backward_chaining' | 'subgoal_setting',
    templates: readonly string[],
    filled: Record<string, string> = slots,
  ): void => {
    writer.reach(
      node,
      writer.say(opened(phrase(telling, templates, filled)), { labels: labelled(behaviour), gap }),
    )
    joined = false
    gap = 'flow'
  }
  if (reasoned) say('backward_chaining', BACKWARD_CHAINING.require)
  if (planned) say('subgoal_setting', SUBGOAL_SETTING.make, { ...slots, goal: slots['need']! })
}

function uncapital(sentence: string): string {
  return /^(I\b|I')/.test(sentence) ? sentence : sentence.replace(/^[A-Z]/, (letter) => letter.toLowerCase())
}

/** From the numbers that met the innermost requirement back out to the target. */
function tellForwardAgain(telling: Telling): void {
  const { writer, search, random } = telling
  const final = search.final
  let last = final.terms[0]!
  const innerFirst = requirementsOf(final).reverse()
  for (const [index, requirement] of innerFirst.entries()) {
    const combination = unwound(requirement, last)
    if (combination === null) return
    if (index === innerFirst.length - 1 && random.chance(0.2)) return
    const slots = {
      ...operationSlots(telling, combination),
      last: telling.voice.number(last.value),
      other: telling.voice.number(requirement.number.value),
      rest: '',
    }
    writer.say(phrase(telling, FRAME.go, slots))
    last = combination.result
  }
}

/** The operation that a requirement kept for later, on what the others made; null where it is not whole. */
function unwound(
  { form, number }: Requirement,
  x: { value: number; expr: Combination['a']['expr'] },
): Combination | null {
  const op = form[1] as Op
  const [a, b] = form[0] === 'x' ? [x, number] : [number, x]
  const value = apply(op, a.value, b.value)
  return value === null ? null : { op, a, b, result: { value, expr: { op, left: a.expr, right: b.expr } } }
}

const LAST_STEP: Readonly<Record<Requirement['form'], string>> = {
  'x+n': 'adding {n}',
  'x-n': 'subtracting {n}',
  'n-x': 'subtracting from {n}',
  'x*n': 'multiplying by {n}',
  'x/n': 'dividing by {n}',
  'n/x': 'dividing {n}',
}

/** The slots of a requirement: `{inverse}` is the arithmetic behind it, `{shape}` its equation in x. */
function requirementSlots(
  telling: Telling,
  node: SearchNode,
  requirement: Requirement,
): Record<string, string> {
  const { voice } = telling
  const { form, number, goal, from } = requirement
  const n = voice.number(number.value)
  const term = (value: number) => ({ value, expr: value })
  const inverse = inverseOf(requirement)
  const shape = voice.operation({ ...inverse, op: form[1] as Op, a: term(1), b: term(1) })
  const [left, right] = form[0] === 'x' ? ['x', n] : [n, 'x']
  const kept = LAST_STEP[form].replace('{n}', n)
  return {
    goal: voice.number(from),
    need: voice.number(goal),
    others: termList(telling, node.terms),
    kept: n,
    inverse: voice.equation(inverse),
    lastStep: kept,
    shape: shape.replace('1', left).replace(/1(?!.*1)/, right),
  }
}

/** The operation that undoes a requirement: 78 + 25 = 103 for x − 25 = 78. */
function inverseOf({ form, number, goal, from }: Requirement): Combination {
  const term = (value: number) => ({ value, expr: value })
  const [op, a, b]: [Op, number, number] =
    form === 'x+n'
      ? ['-', from, number.value]
      : form === 'x-n'
        ? ['+', from, number.value]
        : form === 'n-x'
          ? ['-', number.value, from]
          : form === 'x*n'
            ? ['/', from, number.value]
            : form === 'x/n'
              ? ['*', from, number.value]
              : ['/', number.value, from]
  return { op, a: term(a), b: term(b), result: term(goal) }
}
