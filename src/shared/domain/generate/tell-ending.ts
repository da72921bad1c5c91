import { apply, type Combination, type Expr } from './arithmetic.ts'
import { FRAME } from './phrases-frame.ts'
import { VERIFICATION } from './phrases-behaviours.ts'
import { operationSlots, phrase, type Telling } from './sentences.ts'
import { expressionOf } from './tree.ts'

/** The equation that is answered, and its check where checks belong to the trace. */
export function tellEnding(telling: Telling, checkIsDue: boolean): void {
  const { random, voice, writer, search, target, has } = telling
  const expr = expressionOf(search.final)
  const correct = search.final.fate === 'solution'
  const slots = { formula: voice.formula(expr), claim: voice.claim(expr, target) }
  const gap = random.chance(0.5) ? 'paragraph' : 'flow'
  const sentence = phrase(telling, correct ? FRAME.conclusion : FRAME.settle, slots)
  const [first, second] = sentence.split('\n')
  let claim = writer.say(first!, { gap })
  if (second !== undefined) claim = writer.say(second, { gap: 'line' })
  if (has.has('verification') && (checkIsDue || random.chance(0.3 + 0.3 * voice.talk))) {
    tellCheck(telling, expr, claim, correct)
  }
}

/** Recomputes the equation operation by operation. */
function tellCheck(telling: Telling, expr: Expr, claim: number, correct: boolean): void {
  const { random, voice, writer, target, numbers } = telling
  const labels = { behaviours: ['verification'] as const, verifies: claim }
  const operations = operationsOf(expr)
  const listed = random.chance(0.5)
  const bullet = random.pick(['- ', '- ', '* ', '', '• '])
  const slots = {
    target: voice.number(target),
    numbers: voice.list(numbers),
    count: COUNT[numbers.length] ?? `${numbers.length}`,
  }
  writer.say(phrase(telling, VERIFICATION.announce, slots), { labels, gap: listed ? 'paragraph' : 'flow' })
  for (const [index, operation] of operations.entries()) {
    const last = index === operations.length - 1
    const tick = last && correct && voice.tick !== '' && random.chance(0.5) ? ` ${voice.tick}` : ''
    const part = phrase(telling, VERIFICATION.part, operationSlots(telling, operation))
    const end = tick || (listed ? '' : '.')
    writer.say(`${listed ? bullet : ''}${part}${end}`, { labels, gap: listed ? 'line' : 'flow' })
  }
  if (random.chance(0.4)) {
    writer.say(phrase(telling, VERIFICATION.used, slots), { labels, gap: listed ? 'line' : 'flow' })
  }
  if (random.chance(0.6)) {
    writer.say(phrase(telling, correct ? VERIFICATION.good : VERIFICATION.recount, slots), {
      labels,
      gap: listed ? 'paragraph' : 'flow',
    })
  }
}

const COUNT: Readonly<Record<number, string>> = { 2: 'two', 3: 'three', 4: 'four', 5: 'five', 6: 'six' }

/** The operations of an expression, innermost first, as far as they stay whole. */
function operationsOf(expr: Expr): Combination[] {
  const found: Combination[] = []
  const visit = (part: Expr): number | null => {
    if (typeof part === 'number') return part
    const [a, b] = [visit(part.left), visit(part.right)]
    const value = a === null || b === null ? null : apply(part.op, a, b)
    if (value === null) return null
    const term = (number: number, of: Expr) => ({ value: number, expr: of })
    found.push({ op: part.op, a: term(a!, part.left), b: term(b!, part.right), result: term(value, part) })
    return value
  }
  visit(expr)
  return found
}
