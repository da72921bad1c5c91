import { fromStored } from '#shared/domain/surrogates.ts'
import type { Db } from './connection.ts'

/** A trace's texts, for a model to read. */
export interface PendingText {
  id: number
  prompt: string
  response: string
}

/** What a trace counts for beside its text: a batch of empty ones ends, too. */
const EACH = 200

/**
 * Texts of the next traces after an id, in id order, about `chars` of text in all.
 * @param condition SQL over `traces t`
 */
export function pendingTexts(
  db: Db,
  { sql, params }: { sql: string; params: readonly (string | number | null)[] },
  afterId: number,
  chars: number,
): PendingText[] {
  const statement = db.prepare<
    (string | number | null)[],
    { id: number; prompt: string; prompt_lone: string | null; response: string; lone: string | null }
  >(
    `SELECT t.id, p.text AS prompt, p.lone AS prompt_lone, x.response, x.lone
     FROM traces t JOIN texts x ON x.trace_id = t.id JOIN prompts p ON p.id = t.prompt_id
     WHERE ${sql} AND t.id > ? ORDER BY t.id`,
  )
  const traces: PendingText[] = []
  let size = 0
  for (const raw of statement.iterate(...params, afterId)) {
    const response = fromStored(raw.response, raw.lone)
    traces.push({ id: raw.id, prompt: fromStored(raw.prompt, raw.prompt_lone), response })
    size += response.length + EACH
    if (size >= chars) break
  }
  return traces
}
