import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import type { CountUnit } from '#shared/contract/common.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { BehaviourStats, RunStats } from '#shared/contract/stats.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'

/** One row per run and checkpoint of a selection, ordered by run, then checkpoint. */
export function runStats(db: Db, filter: Filter, unit: CountUnit): RunStats[] {
  const { sql, params } = compileFilter(filter)
  const columns = BEHAVIOURS.flatMap((b) => [
    `avg(t.${b}_${unit}) AS ${b}_mean`,
    `avg(t.${b}_${unit} > 0) AS ${b}_share`,
  ])
  return db
    .prepare<
      (string | number | null)[],
      {
        run: string
        checkpoint: number | null
        traces: number
        accuracy: number | null
        length: number | null
      } & Record<string, number | null>
    >(
      `SELECT r.name AS run, t.checkpoint, count(*) AS traces, avg(coalesce(t.correct, t.verified)) AS accuracy,
         avg(t.length) AS length, ${columns.join(', ')}
       FROM traces t JOIN runs r ON r.id = t.run_id WHERE ${sql}
       GROUP BY t.run_id, t.checkpoint ORDER BY r.name, t.checkpoint NULLS FIRST`,
    )
    .all(...params)
    .map((raw) => ({
      run: raw.run,
      checkpoint: raw.checkpoint,
      traces: raw.traces,
      accuracy: raw.accuracy,
      length: raw.length,
      behaviours: Object.fromEntries(
        BEHAVIOURS.map((b) => [b, { mean: raw[`${b}_mean`] ?? null, share: raw[`${b}_share`] ?? null }]),
      ) as Record<Behaviour, BehaviourStats>,
    }))
}
