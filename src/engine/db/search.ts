import type { Filter } from '#shared/contract/filter.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'
import { toFtsQuery } from './fts-query.ts'

export interface SearchHit {
  id: number
  run: string
  where: 'prompt' | 'response'
  snippet: string
  marks: [number, number][]
}

// Noncharacters, in pairs: Unicode keeps them for such internal use, so no text holds them by accident.
const OPEN = '\uFDD0\uFDD1'
const CLOSE = '\uFDD1\uFDD0'
const SNIPPET_TOKENS = 24

/**
 * Best matches first by BM25, responses before prompts. Marks are UTF-16 ranges in the snippet.
 * @throws CairnError `bad_request` when the query holds no word
 */
export function searchTraces(db: Db, query: string, filter: Filter, limit: number): SearchHit[] {
  const match = toFtsQuery(query)
  const { sql, params } = compileFilter(filter)
  type Row = { id: number; run: string; snippet: string }
  const responses = db
    .prepare<(string | number | null)[], Row>(
      `SELECT t.id, r.name AS run, snippet(responses_fts, 0, '${OPEN}', '${CLOSE}', '…', ${SNIPPET_TOKENS}) AS snippet
       FROM responses_fts JOIN traces t ON t.id = responses_fts.rowid JOIN runs r ON r.id = t.run_id
       WHERE responses_fts MATCH ? AND ${sql} ORDER BY rank LIMIT ?`,
    )
    .all(match, ...params, limit)
  const left = limit - responses.length
  const prompts =
    left <= 0
      ? []
      : db
          .prepare<(string | number | null)[], Row>(
            `SELECT t.id, r.name AS run, snippet(prompts_fts, 0, '${OPEN}', '${CLOSE}', '…', ${SNIPPET_TOKENS}) AS snippet
             FROM prompts_fts JOIN traces t ON t.prompt_id = prompts_fts.rowid JOIN runs r ON r.id = t.run_id
             WHERE prompts_fts MATCH ? AND ${sql} ORDER BY rank, t.id LIMIT ?`,
          )
          .all(match, ...params, left)
  return [
    ...responses.map((row) => toHit(row, 'response' as const)),
    ...prompts.map((row) => toHit(row, 'prompt' as const)),
  ]
}

function toHit(row: { id: number; run: string; snippet: string }, where: 'prompt' | 'response'): SearchHit {
  const marks: [number, number][] = []
  let text = ''
  for (const part of row.snippet.split(OPEN)) {
    const close = part.indexOf(CLOSE)
    if (close < 0) text += part
    else {
      marks.push([text.length, text.length + close])
      text += part.slice(0, close) + part.slice(close + CLOSE.length)
    }
  }
  return { id: row.id, run: row.run, where, snippet: text, marks }
}
