import type { Filter } from '#shared/contract/filter.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'
import { pendingTexts, type NextTexts } from './pending-texts.ts'

/** Rows that are forgotten in one transaction. */
const PAGE = 200

/** Traces that a model is to look at. */
export interface ModelScope {
  filter: Filter
  modelId: number
  /** Set where results are of steps: those of another segmentation do not count. */
  segmenter?: number
}

/**
 * What remains to be done of a table with a row for each trace that a model has looked at.
 * @param table its name, with the columns `model_id`, `trace_id` and, where scopes name one, `segmenter`
 */
export function createModelResults(db: Db, table: 'token_scores' | 'step_vectors') {
  const otherVersions = db
    .prepare<[number], number>(
      'SELECT same.id FROM models same JOIN models own ON own.model = same.model WHERE own.id = ? AND same.id <> own.id',
    )
    .pluck()
  const lookedAtAnew = db.prepare<[number, number, number], { id: number; traceId: number }>(`
    SELECT o.id, o.trace_id AS traceId FROM ${table} o WHERE o.model_id = ? AND o.trace_id > ?
    AND EXISTS (SELECT 1 FROM ${table} d WHERE d.model_id = ? AND d.trace_id = o.trace_id)
    ORDER BY o.trace_id LIMIT ${PAGE}`)
  const drop = db.prepare(`DELETE FROM ${table} WHERE id = ?`)
  const dropPage = db.transaction((page: readonly { id: number }[]) => {
    for (const { id } of page) drop.run(id)
  })

  const condition = ({ filter, modelId, segmenter }: ModelScope) => {
    const { sql, params } = compileFilter(filter)
    const ofSteps = segmenter === undefined ? '' : ' AND d.segmenter = ?'
    return {
      sql: `${sql} AND NOT EXISTS (SELECT 1 FROM ${table} d WHERE d.model_id = ? AND d.trace_id = t.id${ofSteps})`,
      params: [...params, modelId, ...(segmenter === undefined ? [] : [segmenter])],
    }
  }

  return {
    /** Traces that the model has not looked at. */
    countPending(scope: ModelScope): number {
      const { sql, params } = condition(scope)
      return db
        .prepare<(string | number | null)[], number>(`SELECT count(*) FROM traces t WHERE ${sql}`)
        .pluck()
        .get(...params)!
    },

    /** Their texts, in id order. */
    pending: (scope: ModelScope): NextTexts => pendingTexts(db, condition(scope)),

    /** Forgets what other versions of the model have made of traces that it has looked at itself, page by page. */
    *dropEarlier(modelId: number): Generator<void> {
      for (const other of otherVersions.all(modelId)) {
        let page = lookedAtAnew.all(other, 0, modelId)
        while (page.length > 0) {
          dropPage(page)
          yield
          // A page may end between two rows of a trace.
          page = lookedAtAnew.all(other, page.at(-1)!.traceId - 1, modelId)
        }
      }
    },
  }
}
