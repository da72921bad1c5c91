import { BEHAVIOUR_STYLE, BEHAVIOURS } from '../behaviours.ts'
import { problemFlags } from '../problems/index.ts'
import { behavioursOf, shownAnywhere } from './evidence.ts'
import { fieldOf } from './fields.ts'
import { GRAPH_MEASURES, type Filter } from './filter-schema.ts'
import { promptKey } from './hash.ts'
import { lengthOf } from './length-of.ts'
import type { FilterContext, Subject } from './subject.ts'

/** Longest value of a field that is told whole, in UTF-16 code units. */
const LONGEST = 60

/**
 * What a filter found in a trace that it dropped, in words: "shows verification", "5,120 characters", "no answer".
 * Traces with the same words were dropped for the same reason.
 */
export function foundIn(filter: Filter, subject: Subject, context: FilterContext): string {
  const { trace } = subject
  if (filter.any)
    return [...new Set(filter.any.map((inner) => foundIn(inner, subject, context)))].join('; and ')
  if (filter.not) return foundIn(filter.not, subject, context)
  if (filter.correct !== undefined) return correctness(subject.correct())
  if (filter.verdict !== undefined)
    return `Cairn says ${subject.verdict().replace('_', ' ')}, the file ${correctness(trace.correct)}`
  if (filter.only !== undefined) return shown(subject)
  if (filter.behaviours !== undefined) return counted(filter, subject)
  if (filter.field !== undefined) return valueOf(filter.field, subject)
  if (filter.length !== undefined) {
    const { of, in: unit } = filter.length
    return `${of} of ${lengthOf(filter.length, subject, context).toLocaleString('en-US')} ${unit}`
  }
  if (filter.graph !== undefined) {
    const measures = subject.measures()
    const asked = GRAPH_MEASURES.filter((name) => (filter.graph as Record<string, unknown>)[name])
    return asked.map((name) => `${name.replaceAll('_', ' ')} ${rounded(measures[name])}`).join(', ')
  }
  if (filter.truncated !== undefined) return filter.truncated ? 'complete' : 'cut off'
  if (filter.answered !== undefined) return filter.answered ? 'no answer' : 'gives an answer'
  if (filter.loops !== undefined) return filter.loops ? 'no loop' : 'repeats itself'
  if (filter.labelled_by !== undefined) return `labels by ${subject.evidence().from.join(' and ')}`
  if (filter.problem !== undefined) {
    const { drop } = filter.problem
    const flags = problemFlags(trace.prompt, trace.reference).filter(({ filter: flag }) =>
      drop.includes(flag),
    )
    return flags.map(({ filter: flag }) => flag.replaceAll('_', ' ')).join(', ')
  }
  if (filter.solve_rate !== undefined) {
    const rate = context.rates.get(promptKey(trace.prompt))
    return rate === undefined ? 'no judged sample' : `${rate.correct} of ${rate.samples} samples right`
  }
  return 'came before'
}

const correctness = (value: boolean | null): string =>
  value === null ? 'unknown' : value ? 'correct' : 'incorrect'

const isUnknown = (subject: Subject): boolean => subject.evidence().from.includes('nothing')

function shown(subject: Subject): string {
  if (isUnknown(subject)) return 'neither labels nor predictions'
  const names = behavioursOf(shownAnywhere(subject.evidence().steps)).map((id) => BEHAVIOUR_STYLE[id].name)
  return names.length === 0 ? 'shows no behaviour' : `shows ${names.join(' + ')}`
}

/** How often those behaviours show that show too seldom or too often. */
function counted({ behaviours, unit = 'steps' }: Filter, subject: Subject): string {
  if (isUnknown(subject)) return 'neither labels nor predictions'
  const asked = behaviours as Record<string, { min?: number; max?: number } | undefined>
  const counts = subject.counts(unit)
  const total = counts.reduce((sum, one) => sum + one, 0)
  const all = [
    ...BEHAVIOURS.map((id, at) => ({ range: asked[id], count: counts[at]!, name: BEHAVIOUR_STYLE[id].name })),
    { range: asked['total'], count: total, name: 'behaviours' },
  ]
  return all
    .filter(({ range, count }) => count < (range?.min ?? 0) || count > (range?.max ?? Infinity))
    .map(({ count, name }) => `${count === 0 ? 'no' : count} ${name}`)
    .join(', ')
}

function valueOf(field: string, { trace }: Subject): string {
  const value = fieldOf(trace, field)
  if (value === null) return `${field} is missing`
  const text = JSON.stringify(value)
  return `${field} is ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100)
