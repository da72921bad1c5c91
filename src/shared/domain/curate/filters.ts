import { claimOf } from '../answers/checking.ts'
import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { findLoops, hashSteps } from '../graph/loops.ts'
import { problemFlags } from '../problems/index.ts'
import type { Json } from '../trace.ts'
import { describeFilter } from './describe.ts'
import { bitOf, shownAnywhere } from './evidence.ts'
import { fieldOf } from './fields.ts'
import { foundIn } from './found.ts'
import { hashText, promptKey } from './hash.ts'
import { lengthOf } from './length-of.ts'
import { createNearIndex } from './near.ts'
import { GRAPH_MEASURES, type Filter } from './filter-schema.ts'
import { flatSteps, type FilterContext, type SolveRates, type Subject } from './subject.ts'
import { isAnswered } from './thought.ts'

/** A filter made ready for one pass over the traces, in order: some remember what they have seen. */
export interface Condition {
  readonly name: string
  holds(subject: Subject): boolean
  /** What it found in the trace that it has just dropped; see `foundIn`. */
  found(subject: Subject): string
}

/** Makes a filter ready. */
export function compileFilter(filter: Filter, context: FilterContext): Condition {
  const name = filter.name ?? describeFilter(filter)
  const found = (subject: Subject): string => foundIn(filter, subject, context)
  if (filter.unique === undefined) return { name, holds: test(filter, context), found }
  const { earlier } = ofUnique(filter.unique)
  let like: number | null = null
  return {
    name,
    holds: (subject) => (like = earlier(subject)) === null,
    found: () => `${typeof filter.unique === 'object' ? 'nearly equal to' : 'the same as'} trace ${like}`,
  }
}

/** Whether a filter, or one within it, needs the solve rate of prompts. */
export function needsSolveRates(filter: Filter): boolean {
  return (
    filter.solve_rate !== undefined ||
    (filter.any ?? []).some(needsSolveRates) ||
    (filter.not ? needsSolveRates(filter.not) : false)
  )
}

/** Whether a filter asks for behaviours, so that traces must be classified. */
export function needsBehaviours(filter: Filter): boolean {
  return (
    filter.only !== undefined ||
    filter.behaviours !== undefined ||
    filter.labelled_by !== undefined ||
    filter.graph !== undefined ||
    (filter.any ?? []).some(needsBehaviours) ||
    (filter.not ? needsBehaviours(filter.not) : false)
  )
}

function test(filter: Filter, context: FilterContext): (subject: Subject) => boolean {
  if (filter.any) {
    const tests = filter.any.map((inner) => test(inner, context))
    return (subject) => tests.some((holds) => holds(subject))
  }
  if (filter.not) {
    const holds = test(filter.not, context)
    return (subject) => !holds(subject)
  }
  if (filter.correct !== undefined) return (subject) => subject.correct() === filter.correct
  if (filter.verdict !== undefined) return ofVerdict(filter.verdict)
  if (filter.only !== undefined) {
    const wanted = filter.only.reduce((bits, name) => bits | bitOf(name), 0)
    return (subject) => isKnown(subject) && shownAnywhere(subject.evidence().steps) === wanted
  }
  if (filter.behaviours !== undefined) return ofCounts(filter.behaviours, filter.unit ?? 'steps')
  if (filter.field !== undefined) return ofField(filter)
  if (filter.length !== undefined) return ofLength(filter.length, context)
  if (filter.graph !== undefined) return ofGraph(filter.graph)
  if (filter.truncated !== undefined) return ({ trace }) => (trace.truncated ?? false) === filter.truncated
  if (filter.answered !== undefined) return ({ trace }) => isAnswered(trace.response) === filter.answered
  if (filter.loops !== undefined) return (subject) => hasLoops(subject) === filter.loops
  if (filter.labelled_by !== undefined) {
    const allowed = new Set(filter.labelled_by)
    return (subject) => subject.evidence().from.every((source) => allowed.has(source))
  }
  if (filter.problem !== undefined) {
    const drop = new Set(filter.problem.drop)
    return ({ trace }) =>
      !problemFlags(trace.prompt, trace.reference).some(({ filter: flag }) => drop.has(flag))
  }
  if (filter.solve_rate !== undefined) return ofSolveRate(filter.solve_rate, context.rates)
  const { earlier } = ofUnique(filter.unique!)
  return (subject) => earlier(subject) === null
}

function ofVerdict(wanted: NonNullable<Filter['verdict']>) {
  return (subject: Subject): boolean => {
    const own = subject.verdict()
    if (wanted !== 'disagrees') return own === wanted
    const claim = claimOf(subject.trace.correct, subject.trace.reward)
    return own !== 'unknown' && claim !== null && claim !== (own === 'correct')
  }
}

/** Whether anything is known of a trace's behaviours: what nobody looked at is not free of them. */
const isKnown = (subject: Subject): boolean => !subject.evidence().from.includes('nothing')

interface Bounds {
  min?: number | undefined
  max?: number | undefined
}
const within = (value: number, { min = -Infinity, max = Infinity }: Bounds): boolean =>
  value >= min && value <= max

function ofCounts(wanted: NonNullable<Filter['behaviours']>, unit: 'steps' | 'episodes') {
  const { total, ...each } = wanted
  const ranges = BEHAVIOURS.map((name) => (each as Partial<Record<Behaviour, Bounds>>)[name])
  return (subject: Subject): boolean => {
    if (!isKnown(subject)) return false
    const counts = subject.counts(unit)
    if (
      total !== undefined &&
      !within(
        counts.reduce((sum, count) => sum + count, 0),
        total,
      )
    )
      return false
    return ranges.every((range, at) => range === undefined || within(counts[at]!, range))
  }
}

function ofField(filter: Filter) {
  const { field, is, contains, exists, min, max } = filter
  const allowed = filter.in
  const ranged = min !== undefined || max !== undefined
  return ({ trace }: Subject): boolean => {
    const value = fieldOf(trace, field!)
    if (exists !== undefined && (value !== null) !== exists) return false
    if (is !== undefined && value !== is) return false
    if (allowed !== undefined && !allowed.includes(value as string)) return false
    if (contains !== undefined && !textOf(value).includes(contains)) return false
    return !ranged || (typeof value === 'number' && within(value, { min, max }))
  }
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

function ofLength(wanted: NonNullable<Filter['length']>, context: FilterContext) {
  return (subject: Subject): boolean => within(lengthOf(wanted, subject, context), wanted)
}

function ofGraph(wanted: NonNullable<Filter['graph']>) {
  const ranges = GRAPH_MEASURES.flatMap((name) => {
    const range = (wanted as Record<string, Bounds | undefined>)[name]
    return range === undefined ? [] : [{ name, range }]
  })
  return (subject: Subject): boolean => {
    const measures = subject.measures()
    return ranges.every(({ name, range }) => within(measures[name], range))
  }
}

/** Whether a block of steps repeats without a break. */
export function hasLoops(subject: Subject): boolean {
  const { bounds } = flatSteps(subject.evidence().steps)
  return findLoops(hashSteps(subject.trace.response, bounds)).length > 0
}

function ofSolveRate({ samples, ...range }: NonNullable<Filter['solve_rate']>, rates: SolveRates) {
  return ({ trace }: Subject): boolean => {
    const rate = rates.get(promptKey(trace.prompt))
    return rate !== undefined && rate.samples >= samples && within(rate.correct / rate.samples, range)
  }
}

/** Finds the earlier trace that a trace is equal to; null where there is none, and it is remembered. */
function ofUnique(by: NonNullable<Filter['unique']>): { earlier(subject: Subject): number | null } {
  if (typeof by === 'object') {
    const index = createNearIndex(by.near)
    return { earlier: ({ trace }) => index.match(trace.response, trace.id)?.id ?? null }
  }
  const seen = new Map<number | string, number>()
  return {
    earlier({ trace }) {
      const key = by === 'prompt' ? promptKey(trace.prompt) : hashText(trace.prompt) + trace.textHash
      const first = seen.get(key)
      if (first === undefined) seen.set(key, trace.id)
      return first ?? null
    },
  }
}
