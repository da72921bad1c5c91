/** A JSON value: what metadata holds and what importers read. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export interface Message {
  role: string
  content: string
}

/**
 * A trace as an importer hands it to the store: one response to one prompt. `null` means the file
 * does not say; nothing is guessed. Texts are JavaScript strings and may hold lone surrogates.
 */
export interface TraceDraft {
  /** Name of the model or training run; null lets the import choose (option, folder or file name). */
  run: string | null
  /** Training step within the run. */
  checkpoint: number | null
  /** The record's own identifier, as text. */
  key: string | null
  /** Index among several samples of the same prompt. */
  sample: number | null
  prompt: string
  /** The conversation before the response, when the file has one; `prompt` is then its text. */
  messages: readonly Message[] | null
  response: string
  reference: string | null
  reward: number | null
  correct: boolean | null
  truncated: boolean | null
  /** Response length in the generating model's tokens. */
  tokens: number | null
  /** Every field of the record that none of the above took, kept whole. */
  metadata: { readonly [key: string]: Json }
}

/** A contiguous, half-open range `[start, end)` of UTF-16 code units in a trace's response. */
export interface Span {
  start: number
  end: number
}
