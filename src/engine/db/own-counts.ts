import type { TraceRow } from '#shared/contract/traces.ts'
import { SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import type { Db } from './connection.ts'

/**
 * Whether predictions `o` are of a trace's steps as they are now, as SQL: of those stored, or of a trace that is not
 * classified those of today's segmenter. Where an older Cairn has not said whose steps they were, they were the first
 * segmenter's.
 */
export const OF_ITS_STEPS = `coalesce(o.segmenter, 1) =
  coalesce((SELECT s.segmenter FROM steps s WHERE s.trace_id = o.trace_id), ${SEGMENTER_VERSION})`

/**
 * Whether predictions `o` count, as SQL: those that an older head left, and those of other steps, count nowhere. Where the
 * workspace has no head they are another workspace's, and count.
 * @param version of the head that their behaviour has now, as SQL
 */
export const countsNow = (version: string): string =>
  `o.version = coalesce(${version}, o.version) AND ${OF_ITS_STEPS}`

/** The version of the head of one behaviour, whose id is given as SQL. */
const versionOf = (behaviour: string) =>
  `(SELECT json_extract(b.head, '$.version') FROM own_behaviours b WHERE b.id = ${behaviour})`

/** Predictions `o` of a behaviour that count; its id is given twice. */
export const OF_BEHAVIOUR = `o.behaviour_id = ? AND ${countsNow(versionOf('?'))}`

/**
 * The behaviours `h` that the workspace has, as a table `heads`: for predictions of many, since reading a head for each
 * takes longer than all else.
 */
export const WITH_HEADS = `WITH heads AS MATERIALIZED (
  SELECT id, json_extract(head, '$.version') AS version FROM own_behaviours WHERE removed IS NULL)`

/** Predictions `o` that count, of all these behaviours; behaviour by behaviour, as the index has them. */
export const COUNTED = `heads h CROSS JOIN own_predictions o ON o.behaviour_id = h.id AND ${countsNow('h.version')}`

/** How many steps of `traces t` show a behaviour of the workspace's own, as SQL; null where its head has not looked. */
export function ownSteps(id: number): string {
  const behaviour = String(Math.trunc(id))
  return `(SELECT o.steps FROM own_predictions o
    WHERE o.behaviour_id = ${behaviour} AND o.trace_id = t.id AND ${countsNow(versionOf(behaviour))})`
}

/** How many labels of the workspace's own behaviours are on `traces t`, as SQL. */
export const OWN_LABELS = `(SELECT count(*) FROM own_labels l JOIN own_behaviours b ON b.id = l.behaviour_id
  WHERE l.trace_id = t.id AND b.removed IS NULL)`

/** Reads how often the workspace's own behaviours show in traces, given as a JSON list of ids; by trace. */
export function createOwnCounts(db: Db): (ids: string) => Map<number, TraceRow['own']> {
  const counts = db.prepare<[string], { trace: number; id: number; steps: number; episodes: number }>(
    `${WITH_HEADS} SELECT o.trace_id AS trace, o.behaviour_id AS id, o.steps, o.episodes
     FROM ${COUNTED} WHERE o.trace_id IN (SELECT value FROM json_each(?))`,
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
