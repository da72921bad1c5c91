import type { FilterInput } from '#shared/contract/filter.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import { ownIdOf } from '#shared/domain/own-column.ts'
import { GRAPH_MEASURES, type GraphMeasure } from '#shared/domain/graph/figures.ts'
import { plain, plural } from '../../ui/format.ts'
import type { Histogram } from './histograms.svelte.ts'
import type { ChartColumn } from './columns.ts'

export interface Bar {
  /** The values it stands for: "3 – 5", "grpo", "not known". */
  readonly name: string
  readonly count: number
  /** Part of the greatest count, or of all for `shares`. */
  readonly part: number
  /** What a filter has to say to select exactly these; null where it cannot. */
  readonly wanted: FilterInput | null
}

export interface Chart {
  /** Bars stand side by side; shares divide one bar. */
  readonly kind: 'bars' | 'shares'
  readonly bars: readonly Bar[]
}

/** Names drawn one by one; the others together. */
const NAMES = 7

/** A distribution as it is drawn in the header of its column. */
export function toChart(column: ChartColumn, histogram: Histogram): Chart {
  if (histogram.kind === 'names') return { kind: 'shares', bars: shares(column, histogram) }
  const most = Math.max(1, ...histogram.bins.map(({ count }) => count))
  const bars = histogram.bins.map(({ from, to, least, most: greatest, count }): Bar => {
    const known = least !== null && greatest !== null
    return {
      name: known ? rangeName(least, greatest) : rangeName(from, to),
      count,
      part: count / most,
      wanted: known ? rangeOf(column, least, greatest) : null,
    }
  })
  return { kind: 'bars', bars }
}

/** "3 – 5: 1,204 traces" */
export const barText = ({ name, count }: Bar): string => `${name}: ${plural(count, 'trace')}`

/** The filter narrowed to a bar, or without the narrowing where it was just that. */
export function filterBy(filter: FilterInput, { wanted }: Bar): FilterInput {
  if (wanted === null) return filter
  const [key] = Object.keys(wanted) as (keyof FilterInput)[]
  if (wanted.graph !== undefined) return filterByMeasure(filter, wanted.graph)
  const narrowed =
    key === 'behaviours' || key === 'own' ? withCount(filter, key, wanted) : { ...filter, ...wanted }
  if (JSON.stringify(narrowed) !== JSON.stringify(filter)) return narrowed
  const { [key!]: _gone, ...rest } = filter
  if (key !== 'behaviours' && key !== 'own') return rest
  const others = otherCounts(filter, key, wanted)
  return others.length === 0 ? rest : { ...rest, [key]: others }
}

function shares(column: ChartColumn, { names, missing }: Extract<Histogram, { kind: 'names' }>): Bar[] {
  const total = Math.max(
    1,
    names.reduce((sum, { count }) => sum + count, missing),
  )
  const bars = names.slice(0, NAMES).map(({ name, count }): Bar => ({
    ...{ name, count, part: count / total },
    wanted: column === 'correct' ? { correct: name === 'correct' } : { runs: [name] },
  }))
  const rest = names.slice(NAMES)
  if (rest.length > 0) {
    const count = rest.reduce((sum, one) => sum + one.count, 0)
    const runs = rest.map(({ name }) => name)
    bars.push({ name: plural(rest.length, 'other run'), count, part: count / total, wanted: { runs } })
  }
  if (missing > 0)
    bars.push({
      ...{ name: 'not known', count: missing, part: missing / total },
      wanted: column === 'correct' ? { correct: null } : null,
    })
  return bars
}

const rangeName = (least: number, most: number): string =>
  least === most ? plain(least) : `${plain(least)} – ${plain(most)}`

function rangeOf(column: ChartColumn, min: number, max: number): FilterInput {
  if (column === 'checkpoint' || column === 'reward' || column === 'length' || column === 'tokens')
    return { [column]: { min, max } }
  const own = ownIdOf(column)
  if (own !== null) return { own: [{ behaviour: own, unit: 'steps', min, max }] }
  if (isMeasure(column)) return { graph: { [column]: { min, max } } }
  return { behaviours: [{ behaviour: column as Behaviour, unit: 'steps', min, max }] }
}

const isMeasure = (column: ChartColumn): column is GraphMeasure =>
  (GRAPH_MEASURES as readonly string[]).includes(column)

function filterByMeasure(filter: FilterInput, wanted: NonNullable<FilterInput['graph']>): FilterInput {
  const narrowed = { ...filter, graph: { ...filter.graph, ...wanted } }
  if (JSON.stringify(narrowed) !== JSON.stringify(filter)) return narrowed
  const { graph: _all, ...rest } = filter
  const others = Object.entries(filter.graph ?? {}).filter(([name]) => !(name in wanted))
  return others.length === 0 ? rest : { ...rest, graph: Object.fromEntries(others) }
}

/** How often behaviours are wanted: of the four, or of the workspace's own. */
type Counts = 'behaviours' | 'own'

const otherCounts = (filter: FilterInput, key: Counts, wanted: FilterInput) =>
  (filter[key] ?? []).filter(({ behaviour }) => behaviour !== wanted[key]![0]!.behaviour)

const withCount = (filter: FilterInput, key: Counts, wanted: FilterInput): FilterInput => ({
  ...filter,
  [key]: [...otherCounts(filter, key, wanted), ...wanted[key]!],
})
