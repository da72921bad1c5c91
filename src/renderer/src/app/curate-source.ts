import type { FilterInput } from '#shared/contract/filter.ts'

const KEY = 'cairn.curate.source'

/** Remembers which traces sets are made from, until the window is closed: all of them when null. */
export function putCurateSource(filter: FilterInput | null): void {
  if (filter === null || Object.keys(filter).length === 0) sessionStorage.removeItem(KEY)
  else sessionStorage.setItem(KEY, JSON.stringify(filter))
}

/** Which traces sets are made from; null for all. */
export function curateSource(): FilterInput | null {
  const stored = sessionStorage.getItem(KEY)
  return stored === null ? null : (JSON.parse(stored) as FilterInput)
}
