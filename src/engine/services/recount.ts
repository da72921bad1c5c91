import { typedDbError } from '../db/connection.ts'
import type { JobContext } from './jobs.ts'

/** What was counted anew in one transaction. */
interface Page {
  /** Id of its last trace, after which the next begins. */
  last: number
  traces: number
}

/**
 * Counts traces anew page by page, giving way to other work in between.
 * @param next counts those after a trace's id; null when there are no more
 * @returns how many traces were counted
 * @throws CairnError where the database cannot be written
 */
export async function recountAll(
  path: string,
  { signal, report }: JobContext,
  next: (after: number) => Page | null,
): Promise<number> {
  let [after, done] = [0, 0]
  while (!signal.aborted) {
    let page
    try {
      page = next(after)
    } catch (thrown) {
      throw typedDbError(thrown, path)
    }
    if (page === null) break
    after = page.last
    done += page.traces
    report({ done, traces: done })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}
