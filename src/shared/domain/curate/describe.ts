import { BEHAVIOUR_STYLE, type Behaviour } from '../behaviours.ts'
import type { Transform } from './transform-schema.ts'
import { type Filter } from './filter-schema.ts'

interface Bounds {
  min?: number | undefined
  max?: number | undefined
}

/** A filter in words, for the funnel. */
export function describeFilter(filter: Filter): string {
  if (filter.name !== undefined) return filter.name
  if (filter.any) return filter.any.map(describeFilter).join(' or ')
  if (filter.not) return `not: ${describeFilter(filter.not)}`
  if (filter.correct !== undefined)
    return filter.correct === null ? 'correctness unknown' : filter.correct ? 'correct' : 'incorrect'
  if (filter.verdict !== undefined)
    return filter.verdict === 'disagrees'
      ? 'Cairn and the file disagree'
      : `Cairn says ${filter.verdict.replace('_', ' ')}`
  if (filter.only !== undefined)
    return filter.only.length === 0 ? 'no behaviour' : `${filter.only.map(nameOf).join(' + ')}, nothing else`
  if (filter.behaviours !== undefined) {
    const parts = Object.entries(filter.behaviours as Record<string, Bounds | undefined>).flatMap(
      ([name, range]) =>
        range === undefined
          ? []
          : [`${rangeText(range)} ${name === 'total' ? 'behaviours' : nameOf(name as Behaviour)}`],
    )
    return `${parts.join(', ')}${filter.unit === 'episodes' ? ' (episodes)' : ''}`
  }
  if (filter.field !== undefined) {
    const { is, contains, exists, min, max } = filter
    if (is !== undefined) return `${filter.field} is ${JSON.stringify(is)}`
    if (filter.in !== undefined) return `${filter.field} in ${JSON.stringify(filter.in)}`
    if (contains !== undefined) return `${filter.field} contains ${JSON.stringify(contains)}`
    if (exists !== undefined) return `${filter.field} is ${exists ? 'given' : 'missing'}`
    return `${filter.field} ${rangeText({ min, max })}`
  }
  if (filter.length !== undefined)
    return `${filter.length.of} of ${rangeText(filter.length)} ${filter.length.in}`
  if (filter.graph !== undefined)
    return Object.entries(filter.graph as Record<string, Bounds | undefined>)
      .flatMap(([name, range]) =>
        range === undefined ? [] : [`${name.replaceAll('_', ' ')} ${rangeText(range)}`],
      )
      .join(', ')
  if (filter.truncated !== undefined) return filter.truncated ? 'truncated' : 'not truncated'
  if (filter.answered !== undefined) return filter.answered ? 'gives an answer' : 'gives no answer'
  if (filter.loops !== undefined) return filter.loops ? 'loops' : 'does not loop'
  if (filter.labelled_by !== undefined) return `labels by ${filter.labelled_by.join(' or ')}`
  if (filter.problem !== undefined)
    return `problem not ${filter.problem.drop.join(', ').replaceAll('_', ' ')}`
  if (filter.solve_rate !== undefined) return `solve rate ${rangeText(filter.solve_rate)}`
  return typeof filter.unique === 'object'
    ? `no near duplicate (${filter.unique.near})`
    : `unique ${filter.unique}`
}

function rangeText({ min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) return min === max ? String(min) : `${min} to ${max}`
  return min === undefined ? `at most ${max}` : `at least ${min}`
}

const nameOf = (behaviour: Behaviour): string => BEHAVIOUR_STYLE[behaviour].name

/** A transform in words. */
export function describeTransform(transform: Transform): string {
  const { think, branches, replace_thought: thought, truncate, cut, mask } = transform
  if (think !== undefined)
    return {
      normalise: '<think>…</think>, then the answer',
      strip: 'the answer alone',
      unwrap: 'think tags out',
    }[think]
  if (branches !== undefined)
    return branches === 'drop_failed' ? 'failed branches out' : 'only failed branches'
  if (thought !== undefined)
    return { nothing: 'empty thought', filler: 'filler of the same token length', text: 'another thought' }[
      thought.with
    ]
  if (truncate !== undefined) return `end at ${placeText(truncate)}`
  if (cut !== undefined) return `begin at ${placeText(cut)}`
  if (mask !== undefined) return `mask ${mask.behaviours.map(nameOf).join(', ')}`
  return transform.system === undefined ? 'chat template' : 'system message'
}

function placeText(place: NonNullable<Transform['truncate']>): string {
  if (place.before_first !== undefined) return `the first ${nameOf(place.before_first)}`
  if (place.share !== undefined) return `${Math.round(place.share * 100)}% of the steps`
  if (place.steps !== undefined) return `step ${place.steps}`
  return place.tokens === undefined ? `${place.characters} characters` : `${place.tokens} tokens`
}
