import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import type { CountUnit } from '#shared/contract/common.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { BehaviourStats, RunStats } from '#shared/contract/stats.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'
import { COUNTED, WITH_HEADS } from './own-counts.ts'

/** One row per run and checkpoint of a selection, ordered by run, then checkpoint. */
export function runStats(db: Db, filter: Filter, unit: CountUnit): RunStats[] {
  const { sql, params } = compileFilter(filter)
  const columns = BEHAVIOURS.flatMap((b) => [
    `avg(t.${b}_${unit}) AS ${b}_mean`,
    `avg(t.${b}_${unit} > 0) AS ${b}_share`,
  ])
  const own = ownStats(db, filter, unit)
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
      own: own.get(JSON.stringify([raw.run, raw.checkpoint])) ?? {},
    }))
}

/** Of the workspace's own behaviours: by run and checkpoint, then by id. */
function ownStats(
  db: Db,
  filter: Filter,
  unit: CountUnit,
): ReadonlyMap<string, Record<string, BehaviourStats>> {
  const { sql, params } = compileFilter(filter)
  const rows = db
    .prepare<
      (string | number | null)[],
      { run: string; checkpoint: number | null; id: number; mean: number; share: number }
    >(
      `${WITH_HEADS}
       SELECT r.name AS run, t.checkpoint, o.behaviour_id AS id, avg(o.${unit}) AS mean, avg(o.${unit} > 0) AS share
       FROM ${COUNTED} JOIN traces t ON t.id = o.trace_id JOIN runs r ON r.id = t.run_id
       WHERE ${sql} GROUP BY t.run_id, t.checkpoint, o.behaviour_id`,
    )
    .all(...params)
  const found = new Map<string, Record<string, BehaviourStats>>()
  for (const { run, checkpoint, id, mean, share } of rows) {
    const key = JSON.stringify([run, checkpoint])
    found.set(key, { ...found.get(key), [id]: { mean, share } })
  }
  return found
}
