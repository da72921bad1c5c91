import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Empty, JsonValue, TraceId } from './common.ts'

/** Most UTF-16 units of a note. */
export const LONGEST_NOTE = 100_000

export const Note = z.object({ traceId: TraceId, text: z.string(), annotator: z.string(), at: z.string() })
export type Note = z.infer<typeof Note>

/** A named state of the Traces view: filter, sort, columns, as the view keeps it. */
export const View = z.object({ name: z.string(), state: JsonValue, at: z.string() })
export type View = z.infer<typeof View>

/** What a person keeps in a workspace beside labels: notes, saved views, settings. */
export const desk = {
  'notes.get': { input: z.object({ traceId: TraceId }), output: Note.nullable() },
  /** An empty text removes the note. */
  'notes.set': {
    input: z.object({
      traceId: TraceId,
      text: z.string().max(LONGEST_NOTE),
      annotator: z.string().min(1).max(200),
    }),
    output: Note.nullable(),
  },
  'views.list': { input: Empty, output: z.array(View) },
  'views.save': {
    input: z.object({ name: z.string().trim().min(1).max(200), state: JsonValue }),
    output: View,
  },
  /** @throws CairnError `not_found`, or `conflict` when another view is called that */
  'views.rename': {
    input: z.object({ name: z.string(), to: z.string().trim().min(1).max(200) }),
    output: View,
  },
  'views.remove': { input: z.object({ name: z.string() }), output: z.object({ removed: z.boolean() }) },
  'settings.get': { input: Empty, output: z.record(z.string(), JsonValue) },
  /** Merges; null removes a key. */
  'settings.set': {
    input: z.record(z.string().max(100), JsonValue),
    output: z.record(z.string(), JsonValue),
  },
} satisfies Contract
