import { VERDICTS, type FilterInput } from '#shared/contract/filter.ts'
import { ownIdOf, type OwnColumn } from '#shared/domain/own-column.ts'
import { GRAPH_MEASURES } from '#shared/domain/graph/figures.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { formatCondition, parseCondition } from './metadata.ts'

export const SORT_COLUMNS = [
  'id',
  'run',
  'checkpoint',
  'correct',
  'reward',
  'length',
  ...BEHAVIOURS,
  ...GRAPH_MEASURES,
] as const
export type SortColumn = (typeof SORT_COLUMNS)[number] | OwnColumn

export interface SortBy {
  readonly by: SortColumn
  readonly descending: boolean
}

/** Which traces, in which order. */
export interface Selection {
  readonly filter: FilterInput
  readonly sort: SortBy
}

export const FIRST_SORT: SortBy = { by: 'id', descending: false }

type Range = NonNullable<FilterInput['length']>
const RANGES = ['checkpoint', 'reward', 'length', 'tokens'] as const
const FLAGS = ['truncated', 'classified', 'labelled', 'measured', 'disagrees'] as const
const KNOWN = ['correct', 'verified'] as const

/** Writes a selection for an address. The filter's `ids` and `except` are not part of addresses. */
export function formatSelection({ filter, sort }: Partial<Selection>): string {
  const params = new URLSearchParams()
  if (filter?.search) params.set('q', filter.search)
  for (const run of filter?.runs ?? []) params.append('run', run)
  for (const source of filter?.sources ?? []) params.append('source', String(source))
  for (const name of RANGES) {
    const range = filter?.[name]
    if (range !== undefined) params.set(name, formatRange(range))
  }
  for (const name of KNOWN) {
    const value = filter?.[name]
    if (value !== undefined) params.set(name, value === null ? 'unknown' : yesNo(value))
  }
  if (filter?.verdict) params.set('verdict', filter.verdict)
  for (const name of FLAGS) {
    const value = filter?.[name]
    if (value !== undefined) params.set(name, yesNo(value))
  }
  for (const { behaviour, unit = 'steps', ...range } of filter?.behaviours ?? [])
    params.append(behaviour, `${unit}:${formatRange(range)}`)
  for (const { behaviour, unit = 'steps', ...range } of filter?.own ?? [])
    params.append('own', `${behaviour}:${unit}:${formatRange(range)}`)
  for (const name of GRAPH_MEASURES) {
    const range = filter?.graph?.[name]
    if (range !== undefined) params.set(name, formatRange(range))
  }
  for (const condition of filter?.metadata ?? []) params.append('meta', formatCondition(condition))
  if (sort && (sort.by !== FIRST_SORT.by || sort.descending))
    params.set('sort', `${sort.descending ? '-' : ''}${sort.by}`)
  return params.toString()
}

/** Reads what `formatSelection` wrote; parts that cannot be read are left out. */
export function parseSelection(query: string): Selection {
  const params = new URLSearchParams(query)
  const filter: FilterInput = {}
  const search = params.get('q')
  if (search !== null && search.trim() !== '') filter.search = search.slice(0, 2000)
  const runs = params.getAll('run')
  if (runs.length > 0) filter.runs = runs
  const sources = params.getAll('source').filter((id) => /^[1-9]\d{0,9}$/.test(id))
  if (sources.length > 0) filter.sources = sources.map(Number)
  for (const name of RANGES) {
    const range = parseRange(params.get(name))
    if (range !== null) filter[name] = range
  }
  for (const name of KNOWN) {
    const given = params.get(name)
    if (given === 'unknown') filter[name] = null
    else if (given === 'yes' || given === 'no') filter[name] = given === 'yes'
  }
  const verdict = VERDICTS.find((one) => one === params.get('verdict'))
  if (verdict !== undefined) filter.verdict = verdict
  for (const name of FLAGS) {
    const given = params.get(name)
    if (given === 'yes' || given === 'no') filter[name] = given === 'yes'
  }
  const behaviours = BEHAVIOURS.flatMap((behaviour) =>
    params.getAll(behaviour).flatMap((given) => {
      const wanted = parseCount(given)
      return wanted === null ? [] : [{ behaviour, ...wanted }]
    }),
  )
  if (behaviours.length > 0) filter.behaviours = behaviours
  const own = params.getAll('own').flatMap((given) => {
    const [, id, rest = ''] = /^([1-9]\d{0,9}):(.*)$/.exec(given) ?? []
    const wanted = parseCount(rest)
    return wanted === null ? [] : [{ behaviour: Number(id), ...wanted }]
  })
  if (own.length > 0) filter.own = own
  const graph: NonNullable<FilterInput['graph']> = {}
  for (const name of GRAPH_MEASURES) {
    const range = parseRange(params.get(name))
    if (range !== null) graph[name] = range
  }
  if (Object.keys(graph).length > 0) filter.graph = graph
  const metadata = params.getAll('meta').flatMap((text) => parseCondition(text) ?? [])
  if (metadata.length > 0) filter.metadata = metadata
  return { filter, sort: parseSort(params.get('sort')) }
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no')

const formatRange = ({ min, max }: Range): string => `${min ?? ''}..${max ?? ''}`

function parseRange(text: string | null): Range | null {
  const [, low = '', high = ''] = /^(.*?)\.\.(.*)$/.exec(text ?? '') ?? []
  const min = Number(low)
  const max = Number(high)
  const range: Range = {}
  if (low !== '' && Number.isFinite(min)) range.min = min
  if (high !== '' && Number.isFinite(max)) range.max = max
  return range.min === undefined && range.max === undefined ? null : range
}

/** "steps:2..9": whole numbers from 0 on. */
function parseCount(given: string): ({ unit: 'steps' | 'episodes' } & Range) | null {
  const [, unit, text] = /^(steps|episodes):(.*)$/.exec(given) ?? []
  const range = parseRange(text ?? null)
  const whole = [range?.min ?? 0, range?.max ?? 0].every((n) => Number.isInteger(n) && n >= 0)
  return range === null || !whole ? null : { unit: unit as 'steps' | 'episodes', ...range }
}

function parseSort(text: string | null): SortBy {
  const descending = text?.startsWith('-') ?? false
  const name = text?.replace(/^-/, '') ?? ''
  const by = SORT_COLUMNS.find((column) => column === name)
  if (by !== undefined) return { by, descending }
  return ownIdOf(name) === null ? FIRST_SORT : { by: name as OwnColumn, descending }
}
