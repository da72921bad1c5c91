import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import {
  decodeBounds,
  decodeProbabilities,
  encodeBounds,
  encodeProbabilities,
} from '#shared/domain/step-codec.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'
import { pendingTexts, type NextTexts } from './pending-texts.ts'

/** What a model says of a trace's steps. */
export interface StepPredictions {
  traceId: number
  bounds: Uint32Array
  probabilities: Float32Array
}

export interface Classification extends StepPredictions {
  /** Per behaviour, in the order of BEHAVIOURS. */
  steps: readonly number[]
  episodes: readonly number[]
}

/** Which traces of a filter are to be classified by a model, and how. */
export interface ClassificationScope {
  filter: Filter
  modelId: number
  segmenter: number
  /** Also those that the model has classified already. */
  force: boolean
  /** Kept beside the predictions that are shown, not in their place. */
  beside: boolean
}

/** Traces whose stored predictions are looked at together. */
const PAGE = 500

const COUNT_COLUMNS = BEHAVIOURS.flatMap((b) => [`${b}_steps`, `${b}_episodes`])

export type ClassificationStore = ReturnType<typeof createClassificationStore>

/**
 * Steps, predictions and behaviour counts. A trace shows the predictions of one model, which its counts are of; those
 * of other models on the same steps are kept beside them, one version of each.
 */
export function createClassificationStore(db: Db) {
  const findModel = db.prepare<[string, string], { id: number; thresholds: string; chosen: number }>(
    'SELECT id, thresholds, chosen FROM models WHERE model = ? AND version = ?',
  )
  const thresholdsOf = db.prepare<[number], string>('SELECT thresholds FROM models WHERE id = ?').pluck()
  const nameModel = db.prepare(
    'INSERT INTO models (model, version, thresholds) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const versions = db.prepare<[string], string>('SELECT version FROM models WHERE model = ?').pluck()
  const putSteps = db.prepare('INSERT OR REPLACE INTO steps (trace_id, segmenter, bounds) VALUES (?, ?, ?)')
  const putPrediction = db.prepare(
    'INSERT OR REPLACE INTO predictions (trace_id, model_id, segmenter, probabilities) VALUES (?, ?, ?, ?)',
  )
  const putCounts = db.prepare(
    `UPDATE traces SET model_id = ?, ${COUNT_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`,
  )
  const shown = db.prepare<[number], number>('SELECT model_id FROM predictions WHERE trace_id = ?').pluck()
  const newest = db
    .prepare<[], string>(
      'SELECT m.model FROM predictions d JOIN models m ON m.id = d.model_id ORDER BY d.trace_id DESC LIMIT 1',
    )
    .pluck()
  const putBeside = db.prepare(
    'INSERT OR REPLACE INTO other_predictions (trace_id, model_id, segmenter, probabilities) VALUES (?, ?, ?, ?)',
  )
  const moveBeside = db.prepare(`
    INSERT OR REPLACE INTO other_predictions (trace_id, model_id, segmenter, probabilities)
    SELECT trace_id, model_id, segmenter, probabilities FROM predictions WHERE trace_id = ?`)
  // Of the same model an older version, and what was said of other steps, is of no use any more.
  const dropOutdated = db.prepare(`
    DELETE FROM other_predictions WHERE trace_id = ? AND (segmenter <> ? OR model_id IN (
      SELECT same.id FROM models same JOIN models own ON own.model = same.model WHERE own.id = ?))`)
  // Its graph is made from what the thresholds make of the predictions.
  const outdateGraph = db.prepare('UPDATE graphs SET stale = 1 WHERE trace_id = ?')
  const putThresholds = db.prepare('UPDATE models SET thresholds = ?, chosen = ? WHERE id = ?')
  const putOwn = db.prepare('UPDATE models SET thresholds = ? WHERE id = ? AND NOT chosen')
  const showing = db.prepare<[number, number], { traceId: number; probabilities: Uint8Array }>(`
    SELECT trace_id AS traceId, probabilities FROM predictions
    WHERE model_id = ? AND trace_id > ? ORDER BY trace_id LIMIT ${PAGE}`)
  const anyBeside = db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM other_predictions)').pluck()

  /** Traces without a prediction by this model version on this segmentation (all, with `force`). */
  const condition = ({ filter, modelId, segmenter, force, beside }: ClassificationScope) => {
    const { sql, params } = compileFilter(filter)
    if (force) return { sql, params }
    const missing = (table: string) =>
      ` AND NOT EXISTS (SELECT 1 FROM ${table} d WHERE d.trace_id = t.id AND d.model_id = ? AND d.segmenter = ?)`
    const tables = beside ? ['predictions', 'other_predictions'] : ['predictions']
    return {
      sql: sql + tables.map(missing).join(''),
      params: [...params, ...tables.flatMap(() => [modelId, segmenter])],
    }
  }

  return {
    has: (traceId: number): boolean => shown.get(traceId) !== undefined,

    /** The model whose predictions the newest trace shows that has any. */
    newestModel: (): string | null => newest.get() ?? null,

    /** The thresholds that a model is counted by at this moment. */
    thresholds: (modelId: number): number[] => JSON.parse(thresholdsOf.get(modelId)!) as number[],

    /**
     * The model's row, made where there is none. The thresholds are those that this workspace already counts it by,
     * `chosen` by the person or not, so that stored counts keep agreeing with them; those that are given else.
     */
    namedModel(
      model: string,
      version: string,
      thresholds: readonly number[],
    ): { id: number; thresholds: number[]; chosen: boolean } {
      nameModel.run(model, version, JSON.stringify(thresholds))
      const known = findModel.get(model, version)!
      return {
        id: known.id,
        thresholds: JSON.parse(known.thresholds) as number[],
        chosen: known.chosen === 1,
      }
    },

    /** Versions of a model that anything was ever stored of, also when it is gone. */
    versionsOf: (model: string): string[] => versions.all(model),

    countPending(scope: ClassificationScope): { traces: number; chars: number } {
      const { sql, params } = condition(scope)
      return db
        .prepare<(string | number | null)[], { traces: number; chars: number }>(
          `SELECT count(*) AS traces, coalesce(sum(t.length), 0) AS chars FROM traces t WHERE ${sql}`,
        )
        .get(...params)!
    },

    /** Texts of the pending traces, in id order. */
    pending: (scope: ClassificationScope): NextTexts => pendingTexts(db, condition(scope)),

    /** Predictions of a model that are kept beside those shown: the next after an id, in id order. */
    kept({ filter, modelId, segmenter }: ClassificationScope, afterId: number): StepPredictions[] {
      if (anyBeside.get() === 0) return []
      const { sql, params } = compileFilter(filter)
      return db
        .prepare<
          (string | number | null)[],
          { traceId: number; bounds: Uint8Array; probabilities: Uint8Array }
        >(
          `SELECT d.trace_id AS traceId, s.bounds, d.probabilities
           FROM other_predictions d JOIN traces t ON t.id = d.trace_id
             JOIN steps s ON s.trace_id = d.trace_id AND s.segmenter = d.segmenter
           WHERE ${sql} AND d.model_id = ? AND d.segmenter = ? AND d.trace_id > ?
           ORDER BY d.trace_id LIMIT ${PAGE}`,
        )
        .all(...params, modelId, segmenter, afterId)
        .map(({ traceId, bounds, probabilities }) => ({
          traceId,
          bounds: decodeBounds(bounds),
          probabilities: decodeProbabilities(probabilities),
        }))
    },

    /** Sets the thresholds that a model is counted by; `chosen` by the person, whom its own never overrule. */
    setThresholds(modelId: number, thresholds: readonly number[], chosen: boolean): void {
      putThresholds.run(JSON.stringify(thresholds), chosen ? 1 : 0, modelId)
    },

    /** Has a model counted by its own thresholds from now on, unless the person has chosen others. */
    takeOwnThresholds: (modelId: number, own: readonly number[]): void =>
      void putOwn.run(JSON.stringify(own), modelId),

    /** Counts the next traces after an id that show a model anew; null when there are no more. */
    recount: db.transaction((modelId: number, thresholds: readonly number[], afterId: number) => {
      const page = showing.all(modelId, afterId)
      for (const { traceId, probabilities } of page) {
        const { steps, episodes } = countBehaviours(decodeProbabilities(probabilities), thresholds)
        putCounts.run(
          modelId,
          ...BEHAVIOURS.flatMap((_, index) => [steps[index]!, episodes[index]!]),
          traceId,
        )
        outdateGraph.run(traceId)
      }
      const last = page.at(-1)
      return last === undefined ? null : { last: last.traceId, traces: page.length }
    }),

    /** Stores results in one transaction; with `beside` those of traces that show another model beside it. */
    store: db.transaction(
      (modelId: number, segmenter: number, results: readonly Classification[], beside = false) => {
        let outdated = anyBeside.get() === 1
        for (const { traceId, bounds, probabilities, steps, episodes } of results) {
          const before = shown.get(traceId)
          if (before !== undefined && before !== modelId) {
            if (!beside) moveBeside.run(traceId)
            outdated = true
          }
          if (outdated) dropOutdated.run(traceId, segmenter, modelId)
          if (beside && before !== undefined && before !== modelId) {
            putBeside.run(traceId, modelId, segmenter, encodeProbabilities(probabilities))
            continue
          }
          putSteps.run(traceId, segmenter, encodeBounds(bounds))
          putPrediction.run(traceId, modelId, segmenter, encodeProbabilities(probabilities))
          putCounts.run(
            modelId,
            ...BEHAVIOURS.flatMap((_, index) => [steps[index]!, episodes[index]!]),
            traceId,
          )
        }
      },
    ),
  }
}
