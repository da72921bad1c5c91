import { CairnError } from '#shared/errors.ts'
import type { TraceStore } from '../db/traces.ts'

/** So many traces that the server said no to before it answered anything, and it may say no to all. */
const REFUSED = 100

/**
 * Whose turn it is to be asked about. What a server says no to is told of its trace alone: it may be too long for it.
 * After `REFUSED` of them without an answer the shortest trace that is left comes next, and if the server says no to
 * that one, too, none is asked about any more.
 */
export function createTurns(ids: readonly number[], traces: Pick<TraceStore, 'sorted'>) {
  const left = new Set(ids)
  let answers = false
  let refused = 0
  let shortest: number | undefined

  return {
    /** Each id once: in the order given, but for the shortest. */
    *ids(): Generator<number> {
      for (const id of ids) {
        if (!answers && refused >= REFUSED) {
          // Where nothing was asked about the shortest either, another is tried after as many more.
          refused = 0
          shortest = traces.sorted(Uint32Array.from(left), { by: 'length', descending: false })[0]
          if (shortest !== undefined && left.delete(shortest)) yield shortest
        }
        if (left.delete(id)) yield id
      }
    },

    /** The server has answered, now or in an earlier run, whatever it said. */
    answered(): void {
      answers = true
    },

    /**
     * The server has said no to all about a trace.
     * @throws CairnError `endpoint_refused` where it will do so with every other
     */
    refused(id: number, message: string): void {
      if (answers) return
      refused++
      if (id === shortest)
        throw new CairnError(
          'endpoint_refused',
          `${message} The server has said no to ${REFUSED} traces, then to the shortest of the others, and answered nothing, so no more are asked. Mend what it says no to, such as a context too short or a parameter that it does not know, then start again.`,
        )
    },
  }
}
