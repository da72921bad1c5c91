import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import type { CountdownProblem } from '../countdown/problem.ts'
import { verifyCountdown } from '../countdown/verify.ts'
import { forwardMoves, goalMoves } from './moves.ts'
import { makeProblem, promptOf, REFERENCE_PROBLEMS, type ProblemOptions } from './problem.ts'
import { createRandom, type Random } from './random.ts'
import { restarted } from './restart.ts'
import { bestFirst, depthFirst, type SearchPlan } from './search.ts'
import { FRAME } from './phrases-frame.ts'
import { phrase, tellOpening, type Telling } from './sentences.ts'
import { tellAttempts, type AttemptForm } from './tell-attempts.ts'
import { tellEnding } from './tell-ending.ts'
import { tellForward } from './tell-forward.ts'
import { tellGoalDirected } from './tell-goal.ts'
import { toRow, type GeneratedRow } from './row.ts'
import { expressionOf, type Search } from './tree.ts'
import { createVoice, toAscii } from './voice.ts'
import { createWriter, type WrittenTrace } from './writer.ts'

/** Ways to search, and to tell the search. */
export const STYLES = ['dfs', 'best-first', 'backward', 'subgoal'] as const
export type Style = (typeof STYLES)[number]

/** What stands between the think tags. */
export type Thought = 'full' | 'empty' | 'filler'

export interface GenerateOptions {
  count: number
  seed: string
  /** Sets of behaviours, taken in turn: each trace shows exactly those of its set. */
  behaviours: readonly (readonly Behaviour[])[]
  styles: readonly Style[]
  problems: ProblemOptions
  /** Ends with an equation that misses its target. */
  incorrect: boolean
  thought: Thought
  /** Think tags around the reasoning; `mixed` decides for each trace. */
  tags: 'think' | 'plain' | 'mixed'
}

export const DEFAULTS: Omit<GenerateOptions, 'count' | 'seed'> = {
  behaviours: [BEHAVIOURS],
  styles: STYLES,
  problems: REFERENCE_PROBLEMS,
  incorrect: false,
  thought: 'full',
  tags: 'think',
}

/**
 * Countdown traces written by a search instead of a model: problems as the reference task poses them,
 * solved by real search and told in words, each with exactly the behaviours of its set, their labels
 * and targets, and the tree of the search. The same options give the same rows.
 */
export function* generateCountdown(options: GenerateOptions): Generator<GeneratedRow> {
  const asked = new Set<string>()
  for (let index = 0; index < options.count; index++) {
    yield generateOne(options, index, asked)
  }
}

/** Problems are drawn until one is new; after so many draws a problem may come again. */
const NEW_PROBLEM_DRAWS = 50

function generateOne(options: GenerateOptions, index: number, asked: Set<string>): GeneratedRow {
  const random = createRandom(`${options.seed}/${index}`)
  const has = new Set(options.behaviours[index % options.behaviours.length])
  for (let draws = 1; ; draws++) {
    const problem = makeProblem(random, options.problems)
    const key = `${[...problem.numbers].sort((a, b) => a - b).join()}=${problem.target}`
    if (asked.has(key) && draws <= NEW_PROBLEM_DRAWS) continue
    const told = tell(problem, has, options, random)
    if (told === null) continue
    asked.add(key)
    const { written, style } = told
    const row = toRow({
      written,
      search: told.search,
      problem,
      has,
      style,
      index,
      seed: options.seed,
      prompt: promptOf(problem),
    })
    const { correct } = verifyCountdown(row.text, problem)
    if (correct === options.incorrect) throw new Error(`trace ${row.id} is ${correct ? 'right' : 'wrong'}`)
    return row
  }
}

/** Attempts at one problem before another one is drawn. */
const TRIES = 12

/** Searches and tells until the trace shows exactly the behaviours asked for; null when none does. */
function tell(
  problem: CountdownProblem,
  has: ReadonlySet<Behaviour>,
  options: GenerateOptions,
  random: Random,
): { written: WrittenTrace; search: Search; style: Style } | null {
  const styles = options.styles.filter((style) => isPossible(style, has))
  const style = random.pick(styles.length > 0 ? styles : (['dfs'] as const))
  for (let tries = 0; tries < TRIES; tries++) {
    const plan: SearchPlan = {
      failures: has.has('backtracking') ? drawFailures(random) : 0,
      incorrect: options.incorrect,
    }
    const found = searchBy(style, problem, random, plan)
    if (found === null) continue
    const told = write(found, problem, has, options, style, random)
    if (showsExactly(told.written, has)) return { ...told, style }
  }
  return null
}

function isPossible(style: Style, has: ReadonlySet<Behaviour>): boolean {
  if (style === 'backward') return has.has('backward_chaining')
  return style !== 'subgoal' || has.has('subgoal_setting')
}

/** Dead ends of a trace: mostly few, now and then many. */
function drawFailures(random: Random): number {
  return random.weighted([1, 2, 3, 4, 6, 9, 14], (count) => 1 / (count + 1))
}

function searchBy(style: Style, problem: CountdownProblem, random: Random, plan: SearchPlan): Search | null {
  if (style === 'best-first') return bestFirst(problem, random, plan)
  return depthFirst(problem, style === 'dfs' ? forwardMoves : goalMoves, random, plan)
}

function write(
  found: Search,
  problem: CountdownProblem,
  has: ReadonlySet<Behaviour>,
  options: GenerateOptions,
  style: Style,
  random: Random,
): { written: WrittenTrace; search: Search } {
  const voice = createVoice(random)
  const form = style === 'dfs' ? drawForm(random, has) : 'story'
  const search = form === 'story' ? found : restarted(found)
  const writer = createWriter()
  const telling: Telling = {
    random,
    voice,
    writer,
    search,
    has,
    numbers: problem.numbers,
    target: problem.target,
  }
  const tagged = options.tags === 'think' || (options.tags === 'mixed' && random.chance(0.5))
  if (tagged) writer.say('<think>')
  writer.startLine()
  tellOpening(telling)
  if (style === 'backward' || style === 'subgoal') tellGoalDirected(telling, style)
  else if (form === 'story') tellForward(telling)
  else tellAttempts(telling, form)
  tellEnding(telling, !has.has('backtracking') || random.chance(0.2))
  closeWith(telling, tagged)
  const written = writer.finish(voice.layout)
  return { written: options.thought === 'full' ? written : hollow(written, options.thought, search), search }
}

/** How a depth-first search is told; guesses need checks to be found wrong by. */
function drawForm(random: Random, has: ReadonlySet<Behaviour>): AttemptForm | 'story' {
  const reasons = has.has('backward_chaining')
  if (reasons) return 'story'
  const forms = ['story', 'story', 'story', 'block', 'inline', 'bullets'] as const
  return has.has('verification') ? random.pick([...forms, 'guess'] as const) : random.pick(forms)
}

function closeWith(telling: Telling, tagged: boolean): void {
  const { random, writer, search, voice } = telling
  if (tagged) writer.say('</think>', { gap: 'line' })
  else if (random.chance(0.3)) writer.say(phrase(telling, FRAME.heading), { gap: 'paragraph' })
  const answer = toAscii(expressionOf(search.final), random.chance(0.5))
  const spaced = random.chance(0.3) ? ` ${answer} ` : answer
  writer.say(`<answer>${spaced}</answer>`, { gap: tagged || voice.layout === 'lines' ? 'line' : 'paragraph' })
}

/** The same answer behind an empty thought, or behind dots of the same length. */
function hollow(written: WrittenTrace, thought: 'empty' | 'filler', search: Search): WrittenTrace {
  const writer = createWriter()
  const answer = written.steps.at(-1)!
  writer.say('<think>')
  if (thought === 'filler') {
    writer.say(Array.from({ length: Math.max(1, Math.round(answer.start / 4)) }, () => '.').join(' '), {
      gap: 'line',
    })
  }
  writer.say('</think>', { gap: 'line' })
  writer.reach(search.final, writer.say(written.text.slice(answer.start, answer.end), { gap: 'line' }))
  return writer.finish('lines')
}

function showsExactly({ steps }: WrittenTrace, has: ReadonlySet<Behaviour>): boolean {
  const shown = new Set(steps.flatMap(({ labels }) => labels?.behaviours ?? []))
  return shown.size === has.size && [...shown].every((behaviour) => has.has(behaviour))
}
