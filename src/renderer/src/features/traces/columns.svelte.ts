import { COLUMN_OF, type ColumnId } from './columns.ts'
import { FIRST_LAYOUT, moved, parseLayout, withColumn, withWidth, type Layout } from './layout.ts'

const KEY = 'cairn.traces.columns'

/** How the table looks on this device: its columns, and whether their headers show distributions. */
export class ColumnChoice {
  layout = $state.raw<Layout>(FIRST_LAYOUT)
  charts = $state(true)
  readonly shown = $derived(this.layout.shown.map((id) => COLUMN_OF[id]))

  constructor() {
    const { layout, charts } = read()
    this.layout = parseLayout(layout)
    this.charts = charts !== false
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
    localStorage.setItem(KEY, JSON.stringify({ layout: this.layout, charts: this.charts }))
  }
}

/** Keeps a layout for the next time that the table is opened. */
export function keepLayout(layout: Layout): void {
  localStorage.setItem(KEY, JSON.stringify({ ...read(), layout }))
}

function read(): { layout?: unknown; charts?: unknown } {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof stored === 'object' && stored !== null ? stored : {}
  } catch {
    return {}
  }
}
