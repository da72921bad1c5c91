import type { OwnBehaviour } from '#shared/contract/own.ts'
import { decodeProbabilities } from '#shared/domain/step-codec.ts'
import type { Db } from './connection.ts'
import { OF_BEHAVIOUR } from './own-counts.ts'

/** How many traces a head has looked at, the steps it found there, and how many predictions do not count any more. */
type Totals = Pick<OwnBehaviour, 'classified' | 'found' | 'outdated'>

/** Reads what heads of people's own behaviours have found over the whole workspace. */
export function createOwnSums(db: Db) {
  const sum = db.prepare<[number, number, number], Totals>(
    // Asked of each prediction once.
    `WITH seen AS MATERIALIZED (
       SELECT o.steps, ${OF_BEHAVIOUR} AS now FROM own_predictions o WHERE o.behaviour_id = ?)
     SELECT coalesce(sum(now), 0) AS classified, coalesce(sum(steps) FILTER (WHERE now), 0) AS found,
       count(*) - coalesce(sum(now), 0) AS outdated FROM seen`,
  )
  const counts = db.prepare<
    [number, number, number],
    { traceId: number; run: string; steps: number; episodes: number }
  >(
    `SELECT o.trace_id AS traceId, r.name AS run, o.steps, o.episodes FROM own_predictions o
     JOIN traces t ON t.id = o.trace_id JOIN runs r ON r.id = t.run_id
     WHERE ${OF_BEHAVIOUR} ORDER BY o.steps DESC, o.trace_id LIMIT ?`,
  )
  const probabilities = db
    .prepare<[number, number], Uint8Array>(
      `SELECT o.probabilities FROM own_predictions o WHERE ${OF_BEHAVIOUR}`,
    )
    .pluck()

  return {
    totals: (behaviour: number): Totals => sum.get(behaviour, behaviour, behaviour)!,
    /** Of each trace that the head has looked at, most steps first. */
    counts: (behaviour: number, limit: number) => counts.all(behaviour, behaviour, limit),
    /** Probabilities of every trace that the head has looked at as it is, in no order. */
    *probabilities(behaviour: number): Generator<Float32Array> {
      for (const bytes of probabilities.iterate(behaviour, behaviour)) yield decodeProbabilities(bytes)
    },
  }
}
