import { COLUMNS, FIXED, isColumn, placeOf, type ColumnId } from './columns.ts'

/** Which columns are shown, in which order, and how wide those are that a person has set, in pixels. */
export interface Layout {
  readonly shown: readonly ColumnId[]
  readonly widths: Readonly<Partial<Record<ColumnId, number>>>
}

const SHOWN_AT_FIRST = 12
const LEAST_WIDTH = 48
const GREATEST_WIDTH = 900

export const FIRST_LAYOUT: Layout = {
  shown: COLUMNS.slice(0, SHOWN_AT_FIRST).map(({ id }) => id),
  widths: {},
}

/** A column shown, in the place it has at first, or hidden; those that are fixed stay. */
export function withColumn(layout: Layout, id: ColumnId, shown: boolean): Layout {
  const others = layout.shown.filter((one) => one !== id)
  if (!shown) return FIXED.includes(id) ? layout : { ...layout, shown: others }
  if (others.length < layout.shown.length) return layout
  const place = placeOf(id)
  const at = others.findLastIndex((one) => placeOf(one) < place) + 1
  return { ...layout, shown: others.toSpliced(at, 0, id) }
}

/** A column one place to the left (-1) or to the right (1). */
export function moved({ shown, widths }: Layout, id: ColumnId, by: -1 | 1): Layout {
  const at = shown.indexOf(id)
  const to = at + by
  if (at < 0 || to < 0 || to >= shown.length) return { shown, widths }
  return { shown: shown.with(at, shown[to]!).with(to, id), widths }
}

/** A column as wide as it may be, at most. */
export function withWidth({ shown, widths }: Layout, id: ColumnId, width: number): Layout {
  const kept = Math.round(Math.max(LEAST_WIDTH, Math.min(GREATEST_WIDTH, width)))
  return { shown, widths: { ...widths, [id]: kept } }
}

/** Whether two layouts look the same. */
export function sameLayout(a: Layout, b: Layout): boolean {
  const text = ({ shown, widths }: Layout) => JSON.stringify(shown.map((id) => [id, widths[id] ?? null]))
  return text(a) === text(b)
}

/** A layout as it was kept; what cannot be read is as at first. */
export function parseLayout(stored: unknown): Layout {
  if (typeof stored !== 'object' || stored === null) return FIRST_LAYOUT
  const { shown, widths } = stored as { shown?: unknown; widths?: unknown }
  if (!Array.isArray(shown)) return FIRST_LAYOUT
  const known = [...new Set(shown)].filter((id): id is ColumnId => typeof id === 'string' && isColumn(id))
  const all = FIXED.reduce((list, id) => withColumn(list, id, true), { shown: known, widths: {} } as Layout)
  return Object.entries(widths ?? {})
    .filter((entry): entry is [ColumnId, number] => isColumn(entry[0]) && Number.isFinite(entry[1]))
    .reduce((layout, [id, width]) => withWidth(layout, id, width), all)
}
