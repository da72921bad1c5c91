import type { Filter } from '#shared/contract/filter.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'

export interface Judgement {
  traceId: number
  /** Model and version of the questions. */
  judge: string
  behaviour: Behaviour
  /** Null when there is none, for the reason in `error`. */
  count: number | null
  error: string | null
  /** In full. */
  answer: string
  tokensAsked: number
  tokensAnswered: number
  at: string
}

/** A count beside those that it is compared with. */
export interface Compared {
  judged: number
  /** Null where the trace is not classified. */
  steps: number | null
  episodes: number | null
  /** How many labels people gave; null where nobody labelled the trace. */
  labels: number | null
}

export interface JudgeTotals {
  judge: string
  traces: number
  answered: number
  failed: number
  tokensAsked: number
  tokensAnswered: number
}

export type JudgementStore = ReturnType<typeof createJudgementStore>

/** Answers of language models, beside predictions and labels. */
export function createJudgementStore(db: Db) {
  const put = db.prepare(
    `INSERT OR REPLACE INTO judgements
       (trace_id, judge, behaviour, count, error, answer, tokens_asked, tokens_answered, at)
     VALUES (@traceId, @judge, @behaviour, @count, @error, @answer, @tokensAsked, @tokensAnswered, @at)`,
  )
  const answered = db
    .prepare<[string, number], Behaviour>(
      'SELECT behaviour FROM judgements WHERE judge = ? AND trace_id = ? AND count IS NOT NULL',
    )
    .pluck()
  const totals = db.prepare<[], JudgeTotals>(
    `SELECT judge, count(DISTINCT trace_id) AS traces, count(count) AS answered, count(*) - count(count) AS failed,
       sum(tokens_asked) AS tokensAsked, sum(tokens_answered) AS tokensAnswered
     FROM judgements GROUP BY judge ORDER BY judge`,
  )
  const failures = db.prepare<[string], { reason: string; questions: number }>(
    `SELECT error AS reason, count(*) AS questions FROM judgements WHERE judge = ? AND error IS NOT NULL
     GROUP BY error ORDER BY questions DESC, error LIMIT 20`,
  )
  return {
    /** The most frequent reasons why there is no count. */
    failures: (judge: string) => failures.all(judge),
    put: (judgement: Judgement): void => void put.run(judgement),
    /** Behaviours that a judge has counted in a trace. */
    answered: (judge: string, traceId: number): Behaviour[] => answered.all(judge, traceId),
    totals: (): JudgeTotals[] => totals.all(),
    compared(judge: string, behaviour: Behaviour, filter: Filter): Compared[] {
      const { sql, params } = compileFilter(filter)
      return db
        .prepare<unknown[], Compared>(
          `SELECT j.count AS judged, t.${behaviour}_steps AS steps, t.${behaviour}_episodes AS episodes,
             CASE WHEN t.annotations > 0 THEN (SELECT count(*) FROM annotations a
               WHERE a.trace_id = t.id AND a.behaviour = ? AND a.verdict = 'present') END AS labels
           FROM judgements j JOIN traces t ON t.id = j.trace_id
           WHERE j.judge = ? AND j.behaviour = ? AND j.count IS NOT NULL AND ${sql}`,
        )
        .all(behaviour, judge, behaviour, ...params)
    },
  }
}
