import type { ApiInput } from '#shared/contract/index.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { GRAPH_MEASURES, type GraphMeasure } from '#shared/domain/graph/figures.ts'
import type { OwnBehaviour } from '#shared/contract/own.ts'
import { ownColumn, ownIdOf, type OwnColumn } from '#shared/domain/own-column.ts'
import { MEASURE_TEXTS } from './graph-measures.ts'
import { LOOK_OF, titleCase } from '../../ui/behaviours.ts'
import { SORT_COLUMNS, type SortColumn } from './selection-url.ts'

/** Columns whose distribution can be asked for. */
export type ChartColumn = ApiInput<'traces.histogram'>['column']

export type ColumnId =
  | SortColumn
  | `${Behaviour}_episodes`
  | `${OwnColumn}_episodes`
  | 'text'
  | 'labels'
  | 'key'
  | 'sample'
  | 'tokens'
  | 'truncated'
  | 'verdict'

export interface Column {
  readonly id: ColumnId
  readonly title: string
  /** In pixels; of the text, which takes what is left, the least. */
  readonly width: number
  readonly numeric: boolean
  /** What sorting by it first shows on top: names rise, amounts fall. */
  readonly falls: boolean
  /** The distribution that its header can show. */
  readonly chart: ChartColumn | null
  /** Counts of a behaviour, and what is counted. */
  readonly behaviour?: Behaviour
  readonly unit?: 'steps' | 'episodes'
  /** A measure of the reasoning graph. */
  readonly measure?: GraphMeasure
  /** Id of a behaviour of the workspace's own. */
  readonly own?: number
}

type Given = Pick<Column, 'id' | 'title' | 'width'> & Partial<Column>

const column = ({ numeric = false, falls = numeric, chart = null, ...rest }: Given): Column => ({
  ...{ numeric, falls, chart },
  ...rest,
})

export const COLUMNS: readonly Column[] = [
  column({ id: 'id', title: 'No.', width: 76, numeric: true, falls: false }),
  column({ id: 'run', title: 'Run', width: 160, chart: 'run' }),
  column({ id: 'checkpoint', title: 'Step', width: 66, numeric: true, falls: false, chart: 'checkpoint' }),
  column({ id: 'text', title: 'Problem', width: 220 }),
  column({ id: 'correct', title: 'Answer', width: 80, falls: true, chart: 'correct' }),
  column({ id: 'reward', title: 'Reward', width: 78, numeric: true, chart: 'reward' }),
  column({ id: 'length', title: 'Length', width: 84, numeric: true, chart: 'length' }),
  ...BEHAVIOURS.map((id) =>
    column({
      ...{ id, title: titleCase(LOOK_OF[id].name), width: 62, numeric: true },
      ...{ chart: id, behaviour: id, unit: 'steps' },
    }),
  ),
  column({ id: 'labels', title: 'Labels', width: 62, numeric: true }),
  column({ id: 'key', title: 'Key', width: 130 }),
  column({ id: 'sample', title: 'Sample', width: 70, numeric: true }),
  column({ id: 'tokens', title: 'Tokens', width: 84, numeric: true, chart: 'tokens' }),
  column({ id: 'truncated', title: 'Cut off', width: 74 }),
  column({ id: 'verdict', title: 'Cairn’s verdict', width: 130 }),
  ...BEHAVIOURS.map((behaviour) =>
    column({
      ...{ id: `${behaviour}_episodes` as const, title: `${titleCase(LOOK_OF[behaviour].name)} episodes` },
      ...{ width: 62, numeric: true, behaviour, unit: 'episodes' },
    }),
  ),
  ...GRAPH_MEASURES.map((measure) =>
    column({
      ...{ id: measure, title: MEASURE_TEXTS[measure].title, width: 96, numeric: true },
      ...{ chart: measure, measure },
    }),
  ),
]

const PLACE_OF = new Map<ColumnId, number>(COLUMNS.map(({ id }, place) => [id, place]))
const EPISODES = '_episodes'

/** The behaviour of the workspace's own that a column counts; null where it is another column. */
const ownOf = (id: string) => ownIdOf(id.endsWith(EPISODES) ? id.slice(0, -EPISODES.length) : id)

/** Whether there is such a column; those of the workspace's own behaviours may be of one that was removed. */
export const isColumn = (id: string): id is ColumnId => PLACE_OF.has(id as ColumnId) || ownOf(id) !== null

/** Where a column stands among all: those of the workspace's own behaviours follow the like ones of the four. */
export function placeOf(id: ColumnId): number {
  const own = ownOf(id)
  if (own === null) return PLACE_OF.get(id)!
  const last = BEHAVIOURS.at(-1)!
  return PLACE_OF.get(id.endsWith(EPISODES) ? `${last}_episodes` : last)! + own / (own + 1)
}

/** Every column that a workspace with these behaviours of its own has, in order. */
export function columnsWith(own: readonly Pick<OwnBehaviour, 'id' | 'name'>[]): readonly Column[] {
  const added = own.flatMap(({ id, name }) => {
    const steps = ownColumn(id)
    const given = { width: 84, numeric: true, own: id }
    return [
      column({ ...given, id: steps, title: name, chart: steps, unit: 'steps' }),
      column({ ...given, id: `${steps}_episodes`, title: `${name} episodes`, unit: 'episodes' }),
    ]
  })
  return [...COLUMNS, ...added].sort((a, b) => placeOf(a.id) - placeOf(b.id))
}

/** Columns that stay: without them a row says nothing. */
export const FIXED: readonly ColumnId[] = ['id', 'text']

/** Width of the run column for the runs there are, in pixels. */
export function runWidth(names: readonly string[]): number {
  const longest = Math.max(0, ...names.map((name) => name.length))
  return Math.round(Math.min(190, Math.max(84, 26 + longest * 7.2)))
}

export const isSortable = (id: ColumnId): id is SortColumn =>
  (SORT_COLUMNS as readonly ColumnId[]).includes(id) || ownIdOf(id) !== null
