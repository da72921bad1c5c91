import type { Behaviour } from '../behaviours.ts'
import type { Combination, Term } from './arithmetic.ts'
import { capital, expand } from './grammar.ts'
import { FRAME } from './phrases-frame.ts'
import { SUBGOAL_SETTING, VERIFICATION } from './phrases-behaviours.ts'
import type { Random } from './random.ts'
import type { Search, SearchNode } from './tree.ts'
import type { Voice } from './voice.ts'
import type { Gap, Target, Writer } from './writer.ts'

/** All that the narrators need of a trace in the making. */
export interface Telling {
  readonly random: Random
  readonly voice: Voice
  readonly writer: Writer
  readonly search: Search
  readonly target: number
  readonly numbers: readonly number[]
  /** Behaviours that the trace may and must show. */
  readonly has: ReadonlySet<Behaviour>
}

type Slots = Readonly<Record<string, string>>

/** One sentence of a list, with a capital first letter. */
export function phrase({ random }: Telling, templates: readonly string[], slots: Slots = {}): string {
  return capital(expand(random.pick(templates), random, slots))
}

const DOING = {
  '+': 'adding {a} and {b}',
  '-': 'subtracting {b} from {a}',
  '*': 'multiplying {a} by {b}',
  '/': 'dividing {a} by {b}',
}
const ACT = {
  '+': 'add {a} and {b}',
  '-': 'subtract {b} from {a}',
  '*': 'multiply {a} by {b}',
  '/': 'divide {a} by {b}',
}
const WORDS = {
  '+': ['{a} plus {b} [is|makes|gives|equals] {c}', '[the sum of|together,] {a} and {b} [make|give] {c}'],
  '-': [
    '{a} minus {b} [is|gives|leaves|equals] {c}',
    '{a} less {b} is {c}',
    'taking {b} from {a} leaves {c}',
  ],
  '*': ['{a} times {b} [is|makes|gives|equals] {c}', '{a} multiplied by {b} is {c}'],
  '/': ['{a} divided by {b} [is|gives|equals] {c}', '{a} over {b} is {c}'],
}
const SUM = [
  '{a} plus {b} [is|makes|gives|equals] {c}',
  'the sum of {a} and {b} is {c}',
  '{a} and {b} [make|give] {c}',
]

/** The ways to say an operation: `{equation}`, `{operation}`, `{act}`, `{doing}`, `{words}`, `{result}`. */
export function operationSlots({ random, voice }: Telling, combination: Combination): Slots {
  const { op, a, b, result } = combination
  const parts = { a: voice.number(a.value), b: voice.number(b.value), c: voice.number(result.value) }
  return {
    equation: voice.equation(combination),
    operation: voice.operation(combination),
    result: parts.c,
    doing: expand(DOING[op], random, parts),
    act: expand(ACT[op], random, parts),
    words: expand(random.pick(op === '+' ? SUM : WORDS[op]), random, parts),
  }
}

/** A list of terms as they stand. */
export function termList({ voice }: Telling, terms: readonly Term[]): string {
  return voice.list(terms.map(({ value }) => value))
}

/** Restates the problem: sometimes at length, sometimes not at all. */
export function tellOpening(telling: Telling): void {
  const { random, voice, writer, numbers, target } = telling
  const slots = { numbers: voice.list(numbers), target: voice.number(target) }
  if (random.chance(0.15 * voice.talk)) writer.say(phrase(telling, FRAME.musing))
  if (random.chance(0.92)) writer.say(phrase(telling, FRAME.opening, slots))
  for (const rule of random.shuffle(FRAME.rules).slice(0, 2)) {
    if (random.chance(0.4 * voice.talk)) writer.say(phrase(telling, [rule]))
  }
  if (random.chance(0.25 * voice.talk)) writer.say(phrase(telling, FRAME.musing))
}

/** A thoughtful sound between attempts, in talkative voices. */
export function muse(telling: Telling): void {
  if (telling.random.chance(0.2 * telling.voice.talk)) telling.writer.say(phrase(telling, FRAME.musing))
}

/** A plan for the whole search. */
export function tellPlan(telling: Telling): void {
  telling.writer.say(phrase(telling, SUBGOAL_SETTING.plan, { rest: 'the rest' }), {
    labels: { behaviours: ['subgoal_setting'] },
  })
}

/** Words of a verdict on `value`, to follow it in the same sentence. */
export function verdictWords({ random, voice }: Telling, value: number, goal: number): string {
  if (value === goal) {
    const words = random.chance(0.5) ? voice.tick : ''
    return words || expand(random.pick(VERIFICATION.hit), random, { goal: voice.number(goal) })
  }
  return expand(
    random.pick(VERIFICATION.missed[missKind(value, goal, random)]),
    random,
    verdictSlots(voice, value, goal),
  )
}

/** A verdict on `value` as a sentence of its own. */
export function verdictSentence(telling: Telling, value: number, goal: number): string {
  const slots = verdictSlots(telling.voice, value, goal)
  if (value === goal) return phrase(telling, VERIFICATION.hitSentence, slots)
  return phrase(telling, VERIFICATION.missedSentence[missKind(value, goal, telling.random)], slots)
}

/** The equation's sentence with the verdict joined to it. */
export function withVerdict(telling: Telling, sentence: string, value: number, goal: number): string {
  const { random, voice } = telling
  const words = verdictWords(telling, value, goal)
  const bare = sentence.replace(/[.]$/, '')
  if (words === voice.tick) return `${bare} ${words}`
  const joiner = random.pick([` ${voice.arrow} `, ` ${voice.arrow} `, ', ', ', ', ' ('])
  if (joiner === ' (') return `${bare} (${words})${random.chance(0.5) ? '.' : ''}`
  const tick = value === goal && voice.tick !== '' && random.chance(0.3) ? ` ${voice.tick}` : ''
  const shown = joiner.includes(voice.arrow) && random.chance(0.6) ? capital(words) : words
  return `${bare}${joiner}${shown}${tick || (random.chance(0.6) ? '.' : '')}`
}

function missKind(value: number, goal: number, random: Random): 'high' | 'low' | 'near' {
  if (Math.abs(value - goal) <= 4 && random.chance(0.4)) return 'near'
  return value > goal ? 'high' : 'low'
}

function verdictSlots(voice: Voice, value: number, goal: number): Slots {
  return { value: voice.number(value), goal: voice.number(goal), gap: voice.number(Math.abs(value - goal)) }
}

/** Where a new attempt goes back to. */
export function backTo({ writer }: Telling, node: SearchNode | null): Target {
  return node === null ? 'problem' : writer.where(node)
}

/** A gap before a new attempt: a new paragraph in some voices. */
export function attemptGap({ random, voice }: Telling): Gap {
  return voice.layout === 'lines' || random.chance(0.35) ? 'paragraph' : 'flow'
}
