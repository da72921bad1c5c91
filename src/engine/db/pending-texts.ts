import { fromStored } from '#shared/domain/surrogates.ts'
import type { Db } from './connection.ts'

/** A trace's texts, for a model to read. */
export interface PendingText {
  id: number
  prompt: string
  response: string
}

/** Gives the next traces, about `chars` of text in all; none when there are no more. */
export type NextTraces<Trace> = (chars: number) => Trace[]
export type NextTexts = NextTraces<PendingText>

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
  return pagesOf(
    () => list.all(...params),
    (id) => {
      const raw = texts.get(id)
      if (raw === undefined) return null
      const [prompt, response] = [fromStored(raw.prompt, raw.prompt_lone), fromStored(raw.response, raw.lone)]
      return { id, prompt, response }
    },
  )
}

/**
 * Traces page by page.
 * @param list their ids, asked for with the first page
 * @param read null where a trace is gone
 */
export function pagesOf<Trace extends { response: string }>(
  list: () => readonly number[],
  read: (id: number) => Trace | null,
): NextTraces<Trace> {
  let ids: readonly number[] | null = null
  let next = 0
  return (chars) => {
    ids ??= list()
    const page: Trace[] = []
    for (let size = 0; size < chars && next < ids.length; next++) {
      const trace = read(ids[next]!)
      if (trace === null) continue
      page.push(trace)
      size += trace.response.length + EACH
    }
    return page
  }
}
