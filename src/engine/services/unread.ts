import type { UnreadTraces } from '#shared/contract/classify.ts'
import { CairnError } from '#shared/errors.ts'

/** Ids that are told of each cause. */
const TOLD = 20
/** What may lie with a trace: the model failed at it, or its process ended. */
const OF_A_TRACE: readonly string[] = ['inference_failed', 'inference_crashed']

/** Traces that a model could not read, and why; a job reads the others in spite of them. */
export type Unread = ReturnType<typeof createUnread>

export function createUnread() {
  const byCause = new Map<string, UnreadTraces>()
  let count = 0
  return {
    count: () => count,
    add(traceId: number, thrown: unknown): void {
      const reason = reasonOf(thrown)
      // A message may tell sizes, which are others for each trace: the first stands for all.
      const cause = reason.replace(/\d+/g, '0')
      const known = byCause.get(cause) ?? { reason, traces: 0, ids: [] }
      byCause.set(cause, known)
      known.traces++
      if (known.ids.length < TOLD) known.ids.push(traceId)
      count++
    },
    /** By cause, the most frequent first. */
    told: (): UnreadTraces[] => [...byCause.values()].sort((a, b) => b.traces - a.traces),
  }
}

const reasonOf = (thrown: unknown): string => {
  const { code, message, details } = thrown as CairnError
  return code === 'inference_crashed'
    ? `The inference process ended at it, ${String(details['deaths'])} times in a row.`
    : message
}

/**
 * What a model makes of a page: of all of it, or, where that fails, trace by trace without those that it cannot read,
 * which are added to `unread`.
 * @param result what comes of the page, which has begun
 * @param compute what comes of a part of it
 * @param works rejects where the model can read nothing at all: then no trace is at fault
 * @throws what the model threw, where that does not lie with a trace
 */
export async function* readableParts<Trace extends { id: number }, Result>(
  page: readonly Trace[],
  result: Promise<Result>,
  compute: (part: readonly Trace[]) => Promise<Result>,
  works: () => Promise<unknown>,
  unread: Unread,
): AsyncGenerator<[part: readonly Trace[], result: Result]> {
  try {
    yield [page, await result]
    return
  } catch (thrown) {
    if (!(thrown instanceof CairnError && OF_A_TRACE.includes(thrown.code))) throw thrown
    if (page.length === 1) {
      await works().catch(() => {
        throw thrown
      })
      return unread.add(page[0]!.id, thrown)
    }
  }
  for (const trace of page) yield* readableParts([trace], compute([trace]), compute, works, unread)
}
