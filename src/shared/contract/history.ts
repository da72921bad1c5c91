import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Token, TraceId } from './common.ts'

/** One thing a person did, that can be undone: a label added, moved or removed, a note written. */
export const HistoryEntry = z.object({
  id: z.int(),
  at: z.string(),
  /** In words, for a menu or a toast: "label verification". */
  title: z.string(),
  traceId: TraceId.nullable(),
  undone: z.boolean(),
  /** Who did it; null where that is not known. */
  annotator: z.string().nullable(),
})
export type HistoryEntry = z.infer<typeof HistoryEntry>

const Once = z.object({ token: Token.optional() })

export const history = {
  /** The last entries, newest first; kept across restarts. */
  'history.list': {
    input: z.object({ traceId: TraceId.optional(), limit: z.int().min(1).max(1000).default(50) }),
    output: z.array(HistoryEntry),
  },
  /** Takes the newest change back; null when there is none. */
  'history.undo': { input: Once, output: HistoryEntry.nullable() },
  /** Does the change again that was undone last; null when there is none. A new change ends this. */
  'history.redo': { input: Once, output: HistoryEntry.nullable() },
  /**
   * Brings one trace to where it was right after a change: later changes are undone, and those up to
   * it done again; null is where it was before all changes. Other traces stay as they are.
   */
  'history.travel': {
    input: z.object({ traceId: TraceId, to: z.int().nullable(), token: Token.optional() }),
    output: z.object({ undone: z.int(), redone: z.int() }),
  },
} satisfies Contract
