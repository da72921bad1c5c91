import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { LOOK_OF, titleCase } from '../../ui/behaviours.ts'
import type { SortColumn } from './selection-url.ts'

export interface Column {
  readonly id: SortColumn | 'text' | 'labels'
  readonly title: string
  /** Track of the grid. */
  readonly track: string
  readonly numeric: boolean
  /** What sorting by it first shows on top: names rise, amounts fall. */
  readonly falls: boolean
  readonly behaviour?: Behaviour
}

const column = (
  id: Column['id'],
  title: string,
  track: string,
  numeric = false,
  falls = numeric,
): Column => ({ id, title, track, numeric, falls })

export const COLUMNS: readonly Column[] = [
  column('id', 'No.', '72px', true, false),
  column('run', 'Run', 'minmax(110px, 0.35fr)'),
  column('checkpoint', 'Step', '72px', true, false),
  column('text', 'Problem', 'minmax(220px, 1fr)'),
  column('correct', 'Answer', '88px', false, true),
  column('reward', 'Reward', '78px', true),
  column('length', 'Length', '84px', true),
  ...BEHAVIOURS.map((behaviour) => ({
    ...column(behaviour, titleCase(LOOK_OF[behaviour].name), '66px', true),
    behaviour,
  })),
  column('labels', 'Labels', '68px', true),
]

export const TRACKS = COLUMNS.map(({ track }) => track).join(' ')

export const isSortable = (id: Column['id']): id is SortColumn => id !== 'text' && id !== 'labels'
