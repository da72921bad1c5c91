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
      const found = traces.page(filter, after, size)
      const page = found.filter(({ row }) => row.id <= last)
      if (page.length > 0) yield page
      // Behind a page that is not full there is nothing: to find that out once more may mean a look at every trace.
      if (found.length < size) return
      after = found.at(-1)!.row.id
    }
  }
}
