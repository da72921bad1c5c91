import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Empty, TraceId } from './common.ts'

/** One thing a person did, that can be undone: a label added, moved or removed, a note written. */
export const HistoryEntry = z.object({
  id: z.int(),
  at: z.string(),
  /** In words, for a menu or a toast: "label verification". */
  title: z.string(),
  traceId: TraceId.nullable(),
  undone: z.boolean(),
})
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const history = {
  /** The last entries, newest first; kept across restarts. */
  'history.list': {
    input: z.object({ traceId: TraceId.optional(), limit: z.int().min(1).max(1000).default(50) }),
    output: z.array(HistoryEntry),
  },
  /** Takes the newest change back; null when there is none. */
  'history.undo': { input: Empty, output: HistoryEntry.nullable() },
  /** Does the change again that was undone last; null when there is none. A new change ends this. */
  'history.redo': { input: Empty, output: HistoryEntry.nullable() },
} satisfies Contract
