import type { OwnBehaviour, OwnHead, OwnLabel, OwnPrediction } from '#shared/contract/own.ts'
import type { Filter } from '#shared/contract/filter.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'

interface Raw {
  id: number
  name: string
  description: string
  head: string | null
  examples: number
  classified: number
  found: number
}

const toBehaviour = ({ head, ...raw }: Raw): OwnBehaviour => ({
  ...raw,
  head: head === null ? null : (JSON.parse(head) as OwnHead),
})

/** What a head found in a trace. */
export interface OwnResult {
  traceId: number
  segmenter: number | null
  probabilities: Float32Array
  steps: number
  episodes: number
}

export type OwnStore = ReturnType<typeof createOwnStore>

/** Behaviours of people's own, their labels and predictions. */
export function createOwnStore(db: Db) {
  const COLUMNS = `b.id, b.name, b.description, b.head,
    (SELECT count(*) FROM own_labels l WHERE l.behaviour_id = b.id AND l.verdict = 'present') AS examples,
    (SELECT count(*) FROM own_predictions p WHERE p.behaviour_id = b.id) AS classified,
    (SELECT coalesce(sum(p.steps), 0) FROM own_predictions p WHERE p.behaviour_id = b.id) AS found`
  const list = db.prepare<[], Raw>(`SELECT ${COLUMNS} FROM own_behaviours b ORDER BY b.id`)
  const byId = db.prepare<[number | bigint], Raw>(`SELECT ${COLUMNS} FROM own_behaviours b WHERE b.id = ?`)
  const create = db.prepare(
    'INSERT INTO own_behaviours (name, description, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const remove = db.prepare('DELETE FROM own_behaviours WHERE id = ?')
  const setHead = db.prepare('UPDATE own_behaviours SET head = ? WHERE id = ?')
  const putLabel = db.prepare(`
    INSERT OR REPLACE INTO own_labels (trace_id, behaviour_id, start, "end", annotator, verdict, at, text_hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const dropLabel = db.prepare(
    'DELETE FROM own_labels WHERE trace_id = ? AND behaviour_id = ? AND start = ? AND "end" = ? AND annotator = ?',
  )
  const labels = db.prepare<[number], OwnLabel>(
    `SELECT behaviour_id AS behaviour, start, "end", annotator, verdict FROM own_labels WHERE trace_id = ?
     ORDER BY start, behaviour_id`,
  )
  const labelled = db
    .prepare<[number], number>(
      'SELECT DISTINCT trace_id FROM own_labels WHERE behaviour_id = ? ORDER BY trace_id',
    )
    .pluck()
  const put = db.prepare(`
    INSERT OR REPLACE INTO own_predictions (behaviour_id, trace_id, version, segmenter, probabilities, steps, episodes)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)
  const predictions = db.prepare<[number], { behaviour: number; version: number; probabilities: Uint8Array }>(
    'SELECT behaviour_id AS behaviour, version, probabilities FROM own_predictions WHERE trace_id = ?',
  )
  const counts = db.prepare<
    [number, number],
    { traceId: number; run: string; steps: number; episodes: number }
  >(
    `SELECT p.trace_id AS traceId, r.name AS run, p.steps, p.episodes FROM own_predictions p
     JOIN traces t ON t.id = p.trace_id JOIN runs r ON r.id = t.run_id
     WHERE p.behaviour_id = ? ORDER BY p.steps DESC, p.trace_id LIMIT ?`,
  )
  const find = (id: number): OwnBehaviour | null => {
    const raw = byId.get(id)
    return raw === undefined ? null : toBehaviour(raw)
  }

  return {
    list: (): OwnBehaviour[] => list.all().map(toBehaviour),
    find,
    /** Null when there is one of that name. */
    create(name: string, description: string, at: string): OwnBehaviour | null {
      const { changes, lastInsertRowid } = create.run(name, description, at)
      return changes === 0 ? null : toBehaviour(byId.get(lastInsertRowid)!)
    },
    remove: (id: number): boolean => remove.run(id).changes > 0,
    setHead: (id: number, head: OwnHead): void => void setHead.run(JSON.stringify(head), id),
    putLabel: (traceId: number, label: OwnLabel, at: string, textHash: string): void =>
      void putLabel.run(
        ...[traceId, label.behaviour, label.start, label.end, label.annotator, label.verdict, at, textHash],
      ),
    dropLabel: (traceId: number, { behaviour, start, end, annotator }: Omit<OwnLabel, 'verdict'>): void =>
      void dropLabel.run(traceId, behaviour, start, end, annotator),
    labels: (traceId: number): OwnLabel[] => labels.all(traceId),
    labelledTraces: (behaviour: number): number[] => labelled.all(behaviour),
    /** Traces of a filter that the head of this version has not looked at, in id order. */
    pending(behaviour: number, version: number, filter: Filter): number[] {
      const { sql, params } = compileFilter(filter)
      return db
        .prepare<(string | number | null)[], number>(
          `SELECT t.id FROM traces t WHERE ${sql} AND NOT EXISTS (SELECT 1 FROM own_predictions p
             LEFT JOIN steps s ON s.trace_id = p.trace_id
             WHERE p.trace_id = t.id AND p.behaviour_id = ? AND p.version = ? AND p.segmenter IS s.segmenter)
           ORDER BY t.id`,
        )
        .pluck()
        .all(...params, behaviour, version)
    },
    store: db.transaction((behaviour: number, version: number, results: readonly OwnResult[]) => {
      for (const { traceId, segmenter, probabilities, steps, episodes } of results)
        put.run(behaviour, traceId, version, segmenter, encodeProbabilities(probabilities), steps, episodes)
    }),
    predictions: (traceId: number): OwnPrediction[] =>
      predictions.all(traceId).map(({ behaviour, version, probabilities }) => ({
        behaviour,
        version,
        threshold: find(behaviour)?.head?.threshold ?? 0.5,
        probabilities: decodeProbabilities(probabilities),
      })),
    counts: (behaviour: number, limit: number) => counts.all(behaviour, limit),
  }
}
