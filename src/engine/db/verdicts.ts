import type { Filter } from '#shared/contract/filter.ts'
import type { Verdict } from '#shared/domain/answers/index.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'

/** The verdict on one trace, and by which way of checking. */
export interface StoredVerdict {
  readonly traceId: number
  readonly checking: string
  readonly verdict: Verdict
}

const PENDING = `NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.trace_id = t.id AND v.checking = ?)`

/** Ids of traces of a selection without a verdict of this way of checking, or of all with `force`; rising. */
export function unchecked(db: Db, filter: Filter, checking: string, force: boolean): number[] {
  const { sql, params } = compileFilter(filter)
  const condition = force ? sql : `${sql} AND ${PENDING}`
  return db
    .prepare<(string | number | null)[], number>(`SELECT t.id FROM traces t WHERE ${condition} ORDER BY t.id`)
    .pluck()
    .all(...params, ...(force ? [] : [checking]))
}

/** Longer texts are kept cut: they are there to be shown. */
const LONGEST = 2000
const cut = (text: string | null): string | null =>
  text === null || text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).toWellFormed()}…`

export type VerdictStore = ReturnType<typeof createVerdictStore>

/** Verdicts on answers; the flag in `traces` follows them. */
export function createVerdictStore(db: Db) {
  const put = db.prepare(
    `INSERT OR REPLACE INTO verdicts (trace_id, outcome, checker, checking, method, extracted, reference, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const flag = db.prepare('UPDATE traces SET verified = ? WHERE id = ? AND verified IS NOT ?')
  return {
    /** Stores verdicts in one transaction. */
    store: db.transaction((verdicts: readonly StoredVerdict[]) => {
      for (const { traceId, checking, verdict } of verdicts) {
        const { outcome, checker, method, extracted, reference, reason } = verdict
        put.run(traceId, outcome, checker, checking, method, cut(extracted), cut(reference), reason)
        const verified = outcome === 'unknown' ? null : outcome === 'correct' ? 1 : 0
        flag.run(verified, traceId, verified)
      }
    }),
  }
}
