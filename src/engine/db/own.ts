import {
  LONGEST_NAME,
  OwnHead,
  thresholdOf,
  type OwnBehaviour,
  type OwnLabel,
  type OwnPrediction,
} from '#shared/contract/own.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { InterchangeOwnPrediction } from '#shared/domain/interchange/types.ts'
import { countOne } from '#shared/domain/counts.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import { CairnError } from '#shared/errors.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'
import { countsNow, OF_BEHAVIOUR, OF_ITS_STEPS } from './own-counts.ts'

/** Traces that are counted anew in one transaction. */
const PAGE = 500

/** A behaviour by itself. What its people and its head say of traces are sums over all of those: see `createOwnSums`. */
export type StoredBehaviour = Pick<OwnBehaviour, 'id' | 'name' | 'description' | 'head'>

type Raw = Omit<StoredBehaviour, 'head'> & { head: string | null }

function toBehaviour({ head, ...raw }: Raw): StoredBehaviour {
  return { ...raw, head: head === null ? null : OwnHead.parse(JSON.parse(head)) }
}

/** A label as it is kept. */
export interface StoredOwnLabel extends OwnLabel {
  readonly traceId: number
  readonly at: string
  readonly textHash: string
}

/** Where a person says something: there is one label of theirs. */
export type OwnPlace = Pick<StoredOwnLabel, 'traceId' | 'behaviour' | 'start' | 'end' | 'annotator'>

/** A label as it leaves the workspace: the behaviour by its name. */
export interface NamedOwnLabel extends Omit<OwnLabel, 'behaviour'> {
  readonly behaviour: string
  readonly at: string
}

interface RawPrediction {
  behaviour: number
  name: string
  version: number
  steps: number
  episodes: number
  probabilities: Uint8Array
  threshold: number | null
  model: string | null
  modelVersion: string | null
  head: string | null
}

/** What a head found in a trace. */
export interface OwnResult {
  traceId: number
  /** That cut the steps. */
  segmenter: number
  probabilities: Float32Array
  steps: number
  episodes: number
}

/** What a prediction tells of the head that made it. */
export type OwnMaker = Pick<OwnHead, 'version' | 'threshold' | 'model' | 'modelVersion'>

/** A name with a number after it, no longer than names may be. */
function numbered(name: string, n: number): string {
  const end = ` (${n})`
  return name.slice(0, LONGEST_NAME - end.length).toWellFormed() + end
}

export type OwnStore = ReturnType<typeof createOwnStore>

/** Behaviours of people's own, their labels and predictions. */
export function createOwnStore(db: Db) {
  const HERE = 'SELECT id, name, description, head FROM own_behaviours WHERE removed IS NULL'
  const list = db.prepare<[], Raw>(`${HERE} ORDER BY id`)
  const byId = db.prepare<[number | bigint], Raw>(`${HERE} AND id = ?`)
  const byName = db.prepare<[string], Raw>(`${HERE} AND name = ?`)
  const examples = db
    .prepare<[number], number>(
      `SELECT count(*) FROM own_labels WHERE behaviour_id = ? AND verdict = 'present'`,
    )
    .pluck()
  const create = db.prepare(
    'INSERT INTO own_behaviours (name, description, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  // A name of a person's begins with no space: those of removed ones are free.
  const remove = db.prepare(
    `UPDATE own_behaviours SET removed = name, name = ' ' || id WHERE id = ? AND removed IS NULL`,
  )
  const removedName = db
    .prepare<[number], string>('SELECT removed FROM own_behaviours WHERE id = ? AND removed IS NOT NULL')
    .pluck()
  const restore = db.prepare('UPDATE own_behaviours SET name = ?, removed = NULL WHERE id = ?')
  const headOf = db.prepare<[number], string | null>('SELECT head FROM own_behaviours WHERE id = ?').pluck()
  const setHead = db.prepare('UPDATE own_behaviours SET head = ? WHERE id = ?')
  const putLabel = db.prepare(`
    INSERT OR REPLACE INTO own_labels (trace_id, behaviour_id, start, "end", annotator, verdict, at, text_hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const dropLabel = db.prepare(
    'DELETE FROM own_labels WHERE trace_id = ? AND behaviour_id = ? AND start = ? AND "end" = ? AND annotator = ?',
  )
  const labels = db.prepare<[number], OwnLabel>(
    `SELECT l.behaviour_id AS behaviour, l.start, l."end", l.annotator, l.verdict
     FROM own_labels l JOIN own_behaviours b ON b.id = l.behaviour_id AND b.removed IS NULL
     WHERE l.trace_id = ? ORDER BY l.start, l.behaviour_id`,
  )
  const label = db.prepare<[number, number, number, number, string], StoredOwnLabel>(
    `SELECT trace_id AS traceId, behaviour_id AS behaviour, start, "end", annotator, verdict, at, text_hash AS textHash
     FROM own_labels WHERE trace_id = ? AND behaviour_id = ? AND start = ? AND "end" = ? AND annotator = ?`,
  )
  const named = db.prepare<[number], NamedOwnLabel>(
    `SELECT b.name AS behaviour, l.start, l."end", l.annotator, l.verdict, l.at
     FROM own_labels l JOIN own_behaviours b ON b.id = l.behaviour_id AND b.removed IS NULL
     WHERE l.trace_id = ? ORDER BY l.start, l."end", b.name, l.annotator`,
  )
  const labelled = db
    .prepare<[number], number>(
      'SELECT DISTINCT trace_id FROM own_labels WHERE behaviour_id = ? ORDER BY trace_id',
    )
    .pluck()
  const put = db.prepare(`
    INSERT OR REPLACE INTO own_predictions
      (behaviour_id, trace_id, version, segmenter, probabilities, steps, episodes, threshold, model, model_version)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const newest = db
    .prepare<[number], number | null>('SELECT max(version) FROM own_predictions WHERE behaviour_id = ?')
    .pluck()
  const byVersion = db
    .prepare<[number, number], number>(
      'SELECT count(*) FROM own_predictions WHERE behaviour_id = ? AND version = ?',
    )
    .pluck()
  const has = db.prepare<[number, number, number]>(
    `SELECT 1 FROM own_predictions o WHERE ${OF_BEHAVIOUR} AND o.trace_id = ?`,
  )
  const predictions = db.prepare<[number], RawPrediction>(
    `SELECT o.behaviour_id AS behaviour, b.name, o.version, o.steps, o.episodes, o.probabilities, o.threshold, o.model,
       o.model_version AS modelVersion, b.head
     FROM own_predictions o JOIN own_behaviours b ON b.id = o.behaviour_id AND b.removed IS NULL
     WHERE o.trace_id = ? AND ${countsNow("json_extract(b.head, '$.version')")} ORDER BY b.name`,
  )
  const ofHead = db.prepare<[number, number, string, number], { traceId: number; probabilities: Uint8Array }>(
    `SELECT trace_id AS traceId, probabilities FROM own_predictions
     WHERE behaviour_id = ? AND version = ? AND coalesce(model, '') IN (?, '') AND trace_id > ?
     ORDER BY trace_id LIMIT ${PAGE}`,
  )
  const putCounts = db.prepare(
    'UPDATE own_predictions SET steps = ?, episodes = ?, threshold = ? WHERE behaviour_id = ? AND trace_id = ?',
  )
  const found = (raw: Raw | undefined): StoredBehaviour | null =>
    raw === undefined ? null : toBehaviour(raw)
  const find = (id: number) => found(byId.get(id))

  /**
   * Predictions of a trace that count, with the head that made them: it is told in each since others may have been read from
   * a file.
   */
  const predicted = (traceId: number) =>
    predictions.all(traceId).map(({ head: text, ...raw }) => {
      const head = text === null ? null : OwnHead.parse(JSON.parse(text))
      return {
        ...raw,
        probabilities: decodeProbabilities(raw.probabilities),
        threshold: raw.threshold ?? (head === null ? 0.5 : thresholdOf(head)),
        model: raw.model ?? head?.model ?? '',
        modelVersion: raw.modelVersion ?? head?.modelVersion ?? '',
      }
    })

  return {
    list: (): StoredBehaviour[] => list.all().map(toBehaviour),
    find,
    /** @throws CairnError `not_found` */
    require(id: number): StoredBehaviour {
      const behaviour = find(id)
      if (behaviour !== null) return behaviour
      throw new CairnError('not_found', `There is no behaviour ${id}: it was removed.`, { id })
    },
    /** Null when there is one of that name. */
    create(name: string, description: string, at: string): StoredBehaviour | null {
      const { changes, lastInsertRowid } = create.run(name, description, at)
      return changes === 0 ? null : toBehaviour(byId.get(lastInsertRowid)!)
    },
    /** Null when there is none of that name, in small or capital letters. */
    named: (name: string): StoredBehaviour | null => found(byName.get(name)),
    /** Labels that affirm it. */
    examples: (id: number): number => examples.get(id)!,
    /** Takes a behaviour out of sight with all that belongs to it; `restore` puts it back. */
    remove: (id: number): boolean => remove.run(id).changes > 0,
    /** Puts it back, with a number after its name where another has that by now; false when it was there. */
    restore(id: number): boolean {
      const name = removedName.get(id)
      if (name === undefined) return false
      let free = name
      for (let n = 2; byName.get(free) !== undefined; n++) free = numbered(name, n)
      restore.run(free, id)
      return true
    },
    /** What was trained last, also of a removed one. */
    head(id: number): OwnHead | null {
      const text = headOf.get(id)
      return text == null ? null : OwnHead.parse(JSON.parse(text))
    },
    setHead: (id: number, head: OwnHead): void => void setHead.run(JSON.stringify(head), id),
    putLabel: ({ traceId, behaviour, start, end, annotator, verdict, at, textHash }: StoredOwnLabel): void =>
      void putLabel.run(traceId, behaviour, start, end, annotator, verdict, at, textHash),
    dropLabel: ({ traceId, behaviour, start, end, annotator }: OwnPlace): void =>
      void dropLabel.run(traceId, behaviour, start, end, annotator),
    /** What a person says of a span; null when nothing. */
    label: ({ traceId, behaviour, start, end, annotator }: OwnPlace): StoredOwnLabel | null =>
      label.get(traceId, behaviour, start, end, annotator) ?? null,
    labels: (traceId: number): OwnLabel[] => labels.all(traceId),
    labelledTraces: (behaviour: number): number[] => labelled.all(behaviour),
    /** Traces of a filter whose steps the head of this version has not looked at, in id order. */
    pending(behaviour: number, version: number, filter: Filter): number[] {
      const { sql, params } = compileFilter(filter)
      return db
        .prepare<(string | number | null)[], number>(
          `SELECT t.id FROM traces t WHERE ${sql} AND NOT EXISTS (SELECT 1 FROM own_predictions o
             WHERE o.trace_id = t.id AND o.behaviour_id = ? AND o.version = ? AND ${OF_ITS_STEPS})
           ORDER BY t.id`,
        )
        .pluck()
        .all(...params, behaviour, version)
    },
    store: db.transaction((behaviour: number, head: OwnMaker, results: readonly OwnResult[]) => {
      const { version, threshold, model, modelVersion } = head
      for (const { traceId, segmenter, probabilities, steps, episodes } of results)
        put.run(
          ...[behaviour, traceId, version, segmenter, encodeProbabilities(probabilities), steps, episodes],
          ...[threshold, model, modelVersion],
        )
    }),
    /** Counts the head's next predictions after a trace's id anew; null when there are no more. */
    recount: db.transaction((behaviour: number, head: OwnHead, afterId: number) => {
      const threshold = thresholdOf(head)
      const page = ofHead.all(behaviour, head.version, head.model, afterId)
      for (const { traceId, probabilities } of page) {
        const { steps, episodes } = countOne(decodeProbabilities(probabilities), threshold)
        putCounts.run(steps, episodes, threshold, behaviour, traceId)
      }
      const last = page.at(-1)
      return last === undefined ? null : { last: last.traceId, traces: page.length }
    }),
    /** Of its predictions, which may be of another workspace's head; 0 where there are none. */
    newestVersion: (behaviour: number): number => newest.get(behaviour) ?? 0,
    /** Traces that the head of this version has looked at, those whose steps are others since, too. */
    predictedBy: (behaviour: number, version: number): number => byVersion.get(behaviour, version)!,
    /** Whether there is a prediction that counts. */
    hasPrediction: (behaviour: number, traceId: number): boolean =>
      has.get(behaviour, behaviour, traceId) !== undefined,
    predictions: (traceId: number): OwnPrediction[] =>
      predicted(traceId).map(({ behaviour, version, threshold, probabilities }) => ({
        ...{ behaviour, version, threshold, probabilities },
      })),
    /** All that is known of a trace, behaviours by name: what an export writes. */
    ofTrace: (traceId: number): { labels: NamedOwnLabel[]; predictions: InterchangeOwnPrediction[] } => ({
      labels: named.all(traceId),
      predictions: predicted(traceId).map(({ behaviour: _, name, ...said }) => ({
        behaviour: name,
        ...said,
      })),
    }),
  }
}
