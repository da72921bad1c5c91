import type { Filter } from '#shared/contract/filter.ts'
import type { TraceSort, TraceStore } from '../db/traces.ts'

/** Sorted selections kept: the table's, and those just left. */
const KEPT = 6

export interface Selections {
  /** Ids of a selection in order. The array is shared: do not change it. */
  ids(filter: Filter, sort: TraceSort): Uint32Array
  /** Forgets everything; call after any change to traces or labels. */
  invalidate(): void
}

/**
 * Remembers the order of recent selections, so that a jump to row 900,000, the next trace and the
 * position of a trace cost a look-up instead of a sort.
 */
export function createSelections(traces: TraceStore): Selections {
  const kept = new Map<string, Uint32Array>()
  return {
    ids(filter, sort) {
      const key = JSON.stringify([filter, sort])
      const ids = kept.get(key) ?? traces.ids(filter, sort)
      kept.delete(key)
      kept.set(key, ids)
      if (kept.size > KEPT) kept.delete(kept.keys().next().value!)
      return ids
    },
    invalidate: () => {
      kept.clear()
    },
  }
}
