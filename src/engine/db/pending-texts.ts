import { fromStored } from '#shared/domain/surrogates.ts'
import type { Db } from './connection.ts'

/** A trace's texts, for a model to read. */
export interface PendingText {
  id: number
  prompt: string
  response: string
}

/** Gives the next texts, about `chars` of them in all; none when there are no more. */
export type NextTexts = (chars: number) => PendingText[]

/** What a trace counts for beside its text: a batch of empty ones ends, too. */
const EACH = 200

/**
 * Texts of a selection in id order, page by page. Which traces these are is settled when the first page is asked for:
 * a condition may need a look at every trace, and a page of texts must not.
 * @param condition SQL over `traces t`
 */
export function pendingTexts(
  db: Db,
  { sql, params }: { sql: string; params: readonly (string | number | null)[] },
): NextTexts {
  const list = db
    .prepare<(string | number | null)[], number>(`SELECT t.id FROM traces t WHERE ${sql} ORDER BY t.id`)
    .pluck()
  const texts = db.prepare<
    [number],
    { prompt: string; prompt_lone: string | null; response: string; lone: string | null }
  >(
    `SELECT p.text AS prompt, p.lone AS prompt_lone, x.response, x.lone
     FROM traces t JOIN texts x ON x.trace_id = t.id JOIN prompts p ON p.id = t.prompt_id WHERE t.id = ?`,
  )
  let ids: number[] | null = null
  let read = 0
  return (chars) => {
    ids ??= list.all(...params)
    const page: PendingText[] = []
    for (let size = 0; size < chars && read < ids.length; read++) {
      const id = ids[read]!
      const raw = texts.get(id)
      if (raw === undefined) continue
      const response = fromStored(raw.response, raw.lone)
      page.push({ id, prompt: fromStored(raw.prompt, raw.prompt_lone), response })
      size += response.length + EACH
    }
    return page
  }
}
