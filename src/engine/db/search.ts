import type { Filter } from '#shared/contract/filter.ts'
import type { Db } from './connection.ts'
import { compileFilter, type Condition } from './filter.ts'
import { toFtsQuery } from './fts-query.ts'
import { createPageIndex, type Snippet } from './page-index.ts'

export interface SearchHit {
  id: number
  run: string
  where: 'prompt' | 'response'
  snippet: string
  marks: [number, number][]
}

/** Matches that are ranked: BM25 takes about a microsecond each, and some words are in every trace. */
const RANKED = 20_000
/** Matches looked at one by one for the first rows of a search. */
const LOOKED = 20_000
/** Selections by id up to this size are searched text by text. */
const FEW = 1000

export type Search = ReturnType<typeof createSearch>

/** Full-text search over responses and prompts. */
export function createSearch(db: Db) {
  const responses = createPageIndex(db, {
    ...{ index: 'responses_fts', table: 'texts', key: 'trace_id', text: 'response' },
  })
  const prompts = createPageIndex(db, {
    ...{ index: 'prompts_fts', table: 'prompts', key: 'id', text: 'text' },
  })
  const describe = db.prepare<[string], Found>(
    `SELECT t.id, t.prompt_id AS promptId, r.name AS run FROM traces t JOIN runs r ON r.id = t.run_id
     WHERE t.id IN (SELECT value FROM json_each(?))`,
  )

  const matches = db
    .prepare<[string], number>('SELECT rowid FROM responses_fts WHERE responses_fts MATCH ? ORDER BY rowid')
    .pluck()
  // One text for all of them is quicker through than one row for each.
  const idsIn = (index: 'responses_fts' | 'prompts_fts', match: string) =>
    JSON.parse(
      db
        .prepare<[string], string>(`SELECT json_group_array(rowid) FROM ${index} WHERE ${index} MATCH ?`)
        .pluck()
        .get(match)!,
    ) as number[]

  const hitsInResponses = (match: string, ids: readonly number[], runs: Map<number, string>) =>
    [...responses(match, ids)].map(([id, snippet]) => toHit(id, runs.get(id)!, 'response', snippet))
  const hitsInPrompts = (match: string, traces: readonly Found[]) => {
    const found = prompts(match, [...new Set(traces.map(({ promptId }) => promptId))])
    const place = new Map([...found.keys()].map((id, index) => [id, index]))
    return traces
      .filter(({ promptId }) => found.has(promptId))
      .sort((a, b) => place.get(a.promptId)! - place.get(b.promptId)! || a.id - b.id)
      .map(({ id, run, promptId }) => toHit(id, run, 'prompt', found.get(promptId)!))
  }

  /** Hits among a few traces, ranked among themselves. */
  const amongFew = (match: string, condition: Condition): SearchHit[] => {
    const traces = db
      .prepare<Condition['params'], Found>(
        `SELECT t.id, t.prompt_id AS promptId, r.name AS run FROM traces t JOIN runs r ON r.id = t.run_id
         WHERE ${condition.sql} ORDER BY t.id`,
      )
      .all(...condition.params)
    const runs = new Map(traces.map(({ id, run }) => [id, run]))
    return [...hitsInResponses(match, [...runs.keys()], runs), ...hitsInPrompts(match, traces)]
  }

  /** Traces by their responses, best first. */
  const bestResponses = (match: string, { sql, params }: Condition, limit: number): number[] => {
    const filtered = sql !== '1'
    const candidates = db
      .prepare<Condition['params'], number>(
        filtered
          ? `SELECT t.id FROM responses_fts JOIN traces t ON t.id = responses_fts.rowid
             WHERE responses_fts MATCH ? AND ${sql} LIMIT ${RANKED}`
          : `SELECT rowid FROM responses_fts WHERE responses_fts MATCH ? LIMIT ${RANKED}`,
      )
      .pluck()
      .all(match, ...params)
    if (candidates.length <= 1) return candidates
    // Asked for as "rank", FTS5 would score every match of the index before any other condition; and a
    // number is bound as a real, which it takes for no bound at all.
    return db
      .prepare<Condition['params'], number>(
        `SELECT rowid FROM responses_fts WHERE responses_fts MATCH ? AND rowid <= CAST(? AS INTEGER)
           ${filtered ? 'AND +rowid IN (SELECT value FROM json_each(?))' : ''}
         ORDER BY bm25(responses_fts), rowid LIMIT ?`,
      )
      .pluck()
      .all(match, candidates.at(-1)!, ...(filtered ? [JSON.stringify(candidates)] : []), limit)
  }

  /** Traces by their prompts, best first. */
  const bestPrompts = (match: string, { sql, params }: Condition, limit: number): Found[] =>
    db
      .prepare<Condition['params'], Found>(
        `WITH best AS MATERIALIZED (
           SELECT rowid AS id, bm25(prompts_fts) AS score FROM prompts_fts WHERE prompts_fts MATCH ? LIMIT ${RANKED})
         SELECT t.id, t.prompt_id AS promptId, r.name AS run
         FROM best b JOIN traces t ON t.prompt_id = b.id JOIN runs r ON r.id = t.run_id
         WHERE ${sql} ORDER BY b.score, t.id LIMIT ?`,
      )
      .all(match, ...params, limit)

  return {
    /**
     * Best matches first by BM25, responses before prompts; of a word that is in more than `RANKED`
     * selected traces, the first so many are ranked. A filter by few ids ranks those among themselves.
     * @throws CairnError `bad_request` when the query holds no word
     */
    best(query: string, filter: Filter, limit: number): SearchHit[] {
      const match = toFtsQuery(query)
      const condition = compileFilter(filter)
      if (filter.ids !== undefined && filter.ids.length <= FEW)
        return amongFew(match, condition).slice(0, limit)
      const ids = bestResponses(match, condition, limit)
      const runs = new Map(describe.all(JSON.stringify(ids)).map(({ id, run }) => [id, run]))
      const snippets = responses(match, ids)
      const hits = ids.flatMap((id) => {
        const snippet = snippets.get(id)
        return snippet === undefined ? [] : toHit(id, runs.get(id)!, 'response', snippet)
      })
      const left = limit - hits.length
      return left <= 0 ? hits : [...hits, ...hitsInPrompts(match, bestPrompts(match, condition, left))]
    },

    /**
     * Every trace whose response matches, and every prompt that does, by id in no order.
     * @throws CairnError `bad_request` when the query holds no word
     */
    matching(query: string): { traces: readonly number[]; prompts: readonly number[] } {
      const match = toFtsQuery(query)
      return { traces: idsIn('responses_fts', match), prompts: idsIn('prompts_fts', match) }
    },

    /**
     * The first traces, by id, whose response matches and that are wanted: costs what is looked at, not
     * what matches. Null when so few of the matches are wanted that all had better be asked for at once.
     * @throws CairnError `bad_request` when the query holds no word
     */
    first(query: string, limit: number, wanted: (id: number) => boolean): number[] | null {
      const found: number[] = []
      let looked = 0
      for (const id of matches.iterate(toFtsQuery(query))) {
        if (found.length === limit) break
        if (++looked > LOOKED) return null
        if (wanted(id)) found.push(id)
      }
      return found
    },

    /** Every prompt that matches, by id in no order. */
    prompts: (query: string): number[] => idsIn('prompts_fts', toFtsQuery(query)),
  }
}

interface Found {
  id: number
  promptId: number
  run: string
}

const toHit = (id: number, run: string, where: SearchHit['where'], { text, marks }: Snippet): SearchHit => ({
  ...{ id, run, where, snippet: text, marks },
})
