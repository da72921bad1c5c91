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
  column('id', 'No.', '76px', true, false),
  column('run', 'Run', '160px'),
  column('checkpoint', 'Step', '62px', true, false),
  column('text', 'Problem', 'minmax(220px, 1fr)'),
  column('correct', 'Answer', '76px', false, true),
  column('reward', 'Reward', '74px', true),
  column('length', 'Length', '76px', true),
  ...BEHAVIOURS.map((behaviour) => ({
    ...column(behaviour, titleCase(LOOK_OF[behaviour].name), '54px', true),
    behaviour,
  })),
  column('labels', 'Labels', '62px', true),
]

/** Columns that stay: without them a row says nothing. */
export const FIXED: readonly Column['id'][] = ['id', 'text']

/** Width of the run column for the runs there are, in pixels. */
export function runWidth(names: readonly string[]): number {
  const longest = Math.max(0, ...names.map((name) => name.length))
  return Math.min(190, Math.max(84, 26 + longest * 7.2))
}

export const isSortable = (id: Column['id']): id is SortColumn => id !== 'text' && id !== 'labels'
