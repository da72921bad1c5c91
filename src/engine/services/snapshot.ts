import type { Filter } from '#shared/contract/filter.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'

/**
 * Reads a selection page by page, in the order of import, as often as wanted. Traces added after this call have no part
 * in it: a job that goes on beside an import names its inputs at its start.
 *
 * @param size traces of a page
 */
export function snapshotOf(
  traces: Pick<TraceStore, 'lastId' | 'page'>,
  filter: Filter,
  size: number,
): () => Generator<FullTrace[]> {
  const last = traces.lastId()
  return function* pages() {
    for (let after = 0; after < last;) {
      const page = traces.page(filter, after, size).filter(({ row }) => row.id <= last)
      if (page.length === 0) return
      after = page.at(-1)!.row.id
      yield page
    }
  }
}
