import type { FilterInput } from '#shared/contract/filter.ts'
import type { OwnBehaviour } from '#shared/contract/own.ts'
import type { GraphMeasure } from '#shared/domain/graph/figures.ts'
import { MEASURE_TEXTS } from './graph-measures.ts'
import { LOOK_OF } from '../../ui/behaviours.ts'
import { count } from '../../ui/format.ts'
import { VERDICT_NAMES } from './verdicts.ts'

type Range = NonNullable<FilterInput['length']>

const number = (value: number) => (Number.isInteger(value) ? count(value) : String(value))

/** "≥ 3", "≤ 9", "3 – 9" */
export function rangeText({ min, max }: Range): string {
  if (min !== undefined && max !== undefined)
    return min === max ? number(min) : `${number(min)} – ${number(max)}`
  return min === undefined ? `≤ ${number(max ?? 0)}` : `≥ ${number(min)}`
}

/** A file by its name and its folder's: enough to tell it from the others. */
export const shortName = (path: string): string => path.split(/[\\/]/).slice(-2).join('/')

type Condition = NonNullable<FilterInput['metadata']>[number]

/** "bucket.level >= 3" */
export function conditionText({ path, op, value }: Condition): string {
  return op === 'exists' ? `${path} exists` : `${path} ${op} ${JSON.stringify(value)}`
}

/** The name of a behaviour of the workspace's own, for `filterTexts`. */
export const ownNameIn = (own: readonly Pick<OwnBehaviour, 'id' | 'name'>[] | null) => (id: number) =>
  own?.find((one) => one.id === id)?.name ?? (own === null ? '…' : 'a removed behaviour')

/** Each part of a filter in a few words, in a fixed order; the search text is not among them. */
export function filterTexts(
  filter: FilterInput,
  sourceName: (id: number) => string = (id) => `source ${id}`,
  ownName: (id: number) => string = () => 'a behaviour of your own',
): { key: keyof FilterInput; text: string }[] {
  const texts: { key: keyof FilterInput; text: string }[] = []
  const add = (key: keyof FilterInput, text: string) => texts.push({ key, text })
  if (filter.runs?.length)
    add('runs', filter.runs.length === 1 ? filter.runs[0]! : `${filter.runs.length} runs`)
  if (filter.sources?.length)
    add(
      'sources',
      filter.sources.length === 1 ? sourceName(filter.sources[0]!) : `${filter.sources.length} sources`,
    )
  if (filter.checkpoint) add('checkpoint', `step ${rangeText(filter.checkpoint)}`)
  if (filter.correct !== undefined)
    add('correct', filter.correct === null ? 'answer unknown' : filter.correct ? 'correct' : 'wrong')
  const often = (name: string, { unit, ...range }: Range & { unit?: string | undefined }) =>
    `${name} ${rangeText(range)}${unit === 'episodes' ? ' episodes' : ''}`
  const behaviours = [
    ...(filter.behaviours ?? []).map(({ behaviour, ...count }) => often(LOOK_OF[behaviour].name, count)),
    ...(filter.own ?? []).map(({ behaviour, ...count }) => often(ownName(behaviour), count)),
  ]
  if (behaviours.length > 0) add('behaviours', behaviours.join(', '))
  if (filter.length) add('length', `length ${rangeText(filter.length)}`)
  if (filter.tokens) add('tokens', `tokens ${rangeText(filter.tokens)}`)
  if (filter.reward) add('reward', `reward ${rangeText(filter.reward)}`)
  if (filter.labelled !== undefined) add('labelled', filter.labelled ? 'labelled' : 'not labelled')
  if (filter.classified !== undefined) add('classified', filter.classified ? 'classified' : 'not classified')
  if (filter.truncated !== undefined) add('truncated', filter.truncated ? 'cut off' : 'not cut off')
  if (filter.verified !== undefined)
    add(
      'verified',
      filter.verified === null ? 'no verdict' : filter.verified ? 'verdict right' : 'verdict wrong',
    )
  if (filter.verdict !== undefined) add('verdict', `Cairn: ${VERDICT_NAMES[filter.verdict]}`)
  if (filter.disagrees !== undefined)
    add('disagrees', filter.disagrees ? 'disagrees with the file' : 'agrees with the file')
  if (filter.measured !== undefined)
    add('measured', filter.measured ? 'graph measured' : 'graph not measured')
  const measures = Object.entries(filter.graph ?? {}) as [GraphMeasure, Range][]
  if (measures.length > 0)
    add(
      'graph',
      measures
        .map(([name, range]) => `${MEASURE_TEXTS[name].title.toLowerCase()} ${rangeText(range)}`)
        .join(', '),
    )
  if (filter.metadata?.length) add('metadata', filter.metadata.map(conditionText).join(', '))
  return texts
}
