import type { Filter } from '#shared/contract/filter.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import { narrows } from './selection.ts'

/** The traces that a selection holds at one moment. */
export interface Snapshot {
  /** Their number. */
  readonly total: number
  /** Reads them page by page, in the order of import, as often as wanted. */
  pages(): Generator<FullTrace[]>
}

/**
 * Looks a selection up, once: four bytes a trace. What is added or changed after this call has no part in it: a job
 * that goes on beside an import names its inputs at its start.
 *
 * @param size traces of a page
 */
export function snapshotOf(
  traces: Pick<TraceStore, 'everyId' | 'ids' | 'page'>,
  filter: Filter,
  size: number,
): Snapshot {
  const ids = narrows(filter) ? Uint32Array.from(traces.ids(filter)).sort() : traces.everyId()
  return {
    total: ids.length,
    *pages() {
      for (let at = 0; at < ids.length; at += size)
        yield traces.page({ ids: [...ids.subarray(at, at + size)] }, 0, size)
    },
  }
}
