import type { TraceRow } from '#shared/contract/traces.ts'
import type { Db } from './connection.ts'

/**
 * Whether predictions `o` are by the head that their behaviour has now, as SQL: those that an older one left until it has
 * looked again count nowhere. Where the workspace has no head they are another workspace's, and count.
 * @param behaviour as SQL
 */
export const ofItsHead = (behaviour: string): string =>
  `o.version = coalesce(
    (SELECT json_extract(h.head, '$.version') FROM own_behaviours h WHERE h.id = ${behaviour}), o.version)`

/** How many steps of `traces t` show a behaviour of the workspace's own, as SQL; null where its head has not looked. */
export function ownSteps(id: number): string {
  const behaviour = String(Math.trunc(id))
  return `(SELECT o.steps FROM own_predictions o
    WHERE o.behaviour_id = ${behaviour} AND o.trace_id = t.id AND ${ofItsHead(behaviour)})`
}

/** How many labels of the workspace's own behaviours are on `traces t`, as SQL. */
export const OWN_LABELS = `(SELECT count(*) FROM own_labels l JOIN own_behaviours b ON b.id = l.behaviour_id
  WHERE l.trace_id = t.id AND b.removed IS NULL)`

/** Reads how often the workspace's own behaviours show in traces, given as a JSON list of ids; by trace. */
export function createOwnCounts(db: Db): (ids: string) => Map<number, TraceRow['own']> {
  const counts = db.prepare<[string], { trace: number; id: number; steps: number; episodes: number }>(
    `SELECT o.trace_id AS trace, o.behaviour_id AS id, o.steps, o.episodes FROM own_predictions o
     JOIN own_behaviours b ON b.id = o.behaviour_id AND b.removed IS NULL
     WHERE o.trace_id IN (SELECT value FROM json_each(?)) AND ${ofItsHead('o.behaviour_id')}`,
  )
  return (ids) => {
    const found = new Map<number, TraceRow['own']>()
    for (const { trace, id, steps, episodes } of counts.all(ids)) {
      const own = found.get(trace) ?? {}
      own[id] = { steps, episodes }
      found.set(trace, own)
    }
    return found
  }
}
