import type { UnreadTraces } from '#shared/contract/classify.ts'
import { CairnError } from '#shared/errors.ts'

/** Ids that are told of each cause. */
const TOLD = 20
/**
 * Traces that fail one after the other, with nothing read in between, before the model is at fault and not they. Each
 * crash has cost several processes.
 */
const MOST_IN_A_ROW: Readonly<Record<string, number>> = { inference_failed: 20, inference_crashed: 3 }

/** Traces that a model could not read, and why; a job reads the others in spite of them. */
export type Unread = ReturnType<typeof createUnread>

export function createUnread() {
  const byReason = new Map<string, UnreadTraces>()
  const inARow = new Map<string, number>()
  let count = 0
  return {
    count: () => count,
    /** Something was read. */
    read: () => inARow.clear(),
    /** @throws what was thrown, where too many traces in a row have failed */
    add(traceId: number, thrown: unknown): void {
      const reason = reasonOf(thrown)
      const known = byReason.get(reason) ?? { reason, traces: 0, ids: [] }
      byReason.set(reason, known)
      known.traces++
      if (known.ids.length < TOLD) known.ids.push(traceId)
      count++
      const { code } = thrown as CairnError
      const row = (inARow.get(code) ?? 0) + 1
      inARow.set(code, row)
      if (row >= (MOST_IN_A_ROW[code] ?? Infinity)) throw thrown
    },
    /** By cause, the most frequent first. */
    told: (): UnreadTraces[] => [...byReason.values()].sort((a, b) => b.traces - a.traces),
  }
}

const reasonOf = (thrown: unknown): string => {
  const { code, message, details } = thrown as CairnError
  return code === 'inference_crashed'
    ? `The inference process ended at it, ${String(details['deaths'])} times in a row.`
    : message
}

/** Whether it may lie with a trace: the model failed at it, or its process ended. */
const mayBeOfATrace = (thrown: unknown): boolean =>
  thrown instanceof CairnError && thrown.code in MOST_IN_A_ROW

/**
 * What a model makes of a page: of all of it, or, where that fails, trace by trace without those that it cannot read,
 * which are added to `unread`.
 * @param result what comes of the page, which has begun
 * @param compute what comes of a part of it
 * @param works rejects where the model can read nothing at all: then no trace is at fault
 * @throws what the model threw, where that does not lie with a trace, or too many in a row cannot be read
 */
export async function* readableParts<Trace extends { id: number }, Result>(
  page: readonly Trace[],
  result: Promise<Result>,
  compute: (part: readonly Trace[]) => Promise<Result>,
  works: () => Promise<unknown>,
  unread: Unread,
): AsyncGenerator<[part: readonly Trace[], result: Result]> {
  try {
    const said = await result
    unread.read()
    yield [page, said]
    return
  } catch (thrown) {
    if (!mayBeOfATrace(thrown)) throw thrown
    if (page.length === 1) {
      await works().catch(() => {
        throw thrown
      })
      return unread.add(page[0]!.id, thrown)
    }
  }
  for (const trace of page) yield* readableParts([trace], compute([trace]), compute, works, unread)
}
