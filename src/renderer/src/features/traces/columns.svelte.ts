import type { OwnBehaviour } from '#shared/contract/own.ts'
import { ownColumn } from '#shared/domain/own-column.ts'
import { columnsWith, type Column, type ColumnId } from './columns.ts'
import { FIRST_LAYOUT, moved, parseLayout, withColumn, withWidth, type Layout } from './layout.ts'

const KEY = 'cairn.traces.columns'
/** Behaviours remembered as those whose column was offered, the last ones. */
const KEPT = 500

/** How the table looks on this device: its columns, and whether their headers show distributions. */
export class ColumnChoice {
  layout = $state.raw<Layout>(FIRST_LAYOUT)
  charts = $state(true)
  /** Behaviours of the workspace's own. */
  #own = $state.raw<readonly OwnBehaviour[]>([])
  /** Every column that there is. */
  readonly all = $derived(columnsWith(this.#own))
  /** Those of behaviours that the workspace does not have are left out. */
  readonly shown = $derived(this.layout.shown.flatMap((id) => this.find(id) ?? []))

  constructor() {
    const { layout, charts } = read()
    this.layout = parseLayout(layout)
    this.charts = charts !== false
  }

  find(id: ColumnId): Column | undefined {
    return this.all.find((column) => column.id === id)
  }

  /** Takes in the workspace's own behaviours; one whose head has looked for it for the first time gets its column. */
  offer(own: readonly OwnBehaviour[], workspace: string): void {
    this.#own = own
    const { offered } = read()
    const known = Array.isArray(offered) ? (offered as unknown[]) : []
    const fresh = own.filter(({ id, classified }) => classified > 0 && !known.includes(`${workspace} ${id}`))
    if (fresh.length === 0) return
    const places = [...known, ...fresh.map(({ id }) => `${workspace} ${id}`)].slice(-KEPT)
    localStorage.setItem(KEY, JSON.stringify({ ...read(), offered: places }))
    this.use(fresh.reduce((layout, { id }) => withColumn(layout, ownColumn(id), true), this.layout))
  }

  isShown(id: ColumnId): boolean {
    return this.layout.shown.includes(id)
  }

  set(id: ColumnId, shown: boolean): void {
    this.use(withColumn(this.layout, id, shown))
  }

  move(id: ColumnId, by: -1 | 1): void {
    this.use(moved(this.layout, id, by))
  }

  setWidth(id: ColumnId, width: number): void {
    this.use(withWidth(this.layout, id, width))
  }

  showCharts(shown: boolean): void {
    this.charts = shown
    this.#keep()
  }

  use(layout: Layout): void {
    this.layout = layout
    this.#keep()
  }

  #keep(): void {
    localStorage.setItem(KEY, JSON.stringify({ ...read(), layout: this.layout, charts: this.charts }))
  }
}

/** Keeps a layout for the next time that the table is opened. */
export function keepLayout(layout: Layout): void {
  localStorage.setItem(KEY, JSON.stringify({ ...read(), layout }))
}

function read(): { layout?: unknown; charts?: unknown; offered?: unknown } {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof stored === 'object' && stored !== null ? stored : {}
  } catch {
    return {}
  }
}
