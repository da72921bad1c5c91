import type { FilterInput } from '#shared/contract/filter.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { count } from '../../ui/format.ts'
import type { ApiOutput } from '#shared/contract/index.ts'

/** Columns that have a distribution. */
export const HISTOGRAM_COLUMNS = ['run', 'checkpoint', 'correct', 'reward', 'length', ...BEHAVIOURS] as const
export type HistogramColumn = (typeof HISTOGRAM_COLUMNS)[number]

export type Histogram = ApiOutput<'traces.histogram'>

/** One bar of a distribution, and the filter that selects what is in it. */
export interface Bar {
  readonly label: string
  readonly count: number
  readonly filter: FilterInput
}

/** The bars of a column's distribution, each with the filter that adding it to `filter` gives. */
export function barsOf(column: HistogramColumn, histogram: Histogram, filter: FilterInput): Bar[] {
  if (histogram.kind === 'names')
    return histogram.names.map(({ name, count }) => ({
      label: name,
      count,
      filter: { ...filter, runs: [name] },
    }))
  if (column === 'correct')
    return histogram.bins.map(({ from, count }) => ({
      label: from === 1 ? 'correct' : 'wrong',
      count,
      filter: { ...filter, correct: from === 1 },
    }))
  return histogram.bins.map(({ from, to, count, least, most }) => {
    // The values that occur in it select exactly what it counts, whichever end of a bin is open.
    const range = { min: least ?? from, max: most ?? to }
    return { label: labelOf(range), count, filter: withRange(column, range, filter) }
  })
}

interface Range {
  readonly min: number
  readonly max: number
}

function withRange(column: HistogramColumn, range: Range, filter: FilterInput): FilterInput {
  if (!isBehaviour(column)) return { ...filter, [column]: range }
  const others = (filter.behaviours ?? []).filter(({ behaviour }) => behaviour !== column)
  return { ...filter, behaviours: [...others, { behaviour: column, unit: 'steps', ...range }] }
}

const isBehaviour = (column: string): column is Behaviour =>
  (BEHAVIOURS as readonly string[]).includes(column)

function labelOf({ min, max }: Range): string {
  return min === max ? number(min) : `${number(min)} – ${number(max)}`
}

const number = (value: number): string =>
  Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3)))
