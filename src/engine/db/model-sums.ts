import type { PredictedModel } from '#shared/contract/models.ts'
import { decodeBounds, decodeProbabilities } from '#shared/domain/step-codec.ts'
import type { Db } from './connection.ts'

/** A model's row. */
export interface StoredModel {
  id: number
  thresholds: number[]
}

/** Predictions of two models for the same steps of a trace. */
export interface PredictionPair {
  traceId: number
  bounds: Uint32Array
  first: Float32Array
  second: Float32Array
}

const ALL = `(
  SELECT trace_id, model_id, segmenter, probabilities FROM predictions UNION ALL
  SELECT trace_id, model_id, segmenter, probabilities FROM other_predictions)`

/** Reads what models predict over the whole workspace. */
export function createModelSums(db: Db) {
  const predicted = db.prepare<
    [],
    { model: string; version: string; thresholds: string; chosen: number; shown: number; beside: number }
  >(`
    SELECT m.model, m.version, m.thresholds, m.chosen,
      (SELECT count(*) FROM traces t WHERE t.model_id = m.id) AS shown,
      (SELECT count(*) FROM other_predictions o WHERE o.model_id = m.id) AS beside
    FROM models m ORDER BY shown DESC, beside DESC, m.model, m.version`)
  const byVersion = db.prepare<[string, string], { id: number; thresholds: string }>(
    'SELECT id, thresholds FROM models WHERE model = ? AND version = ?',
  )
  const ofModel = db
    .prepare<[number], Uint8Array>(`SELECT probabilities FROM ${ALL} WHERE model_id = ?`)
    .pluck()
  const pairs = db.prepare<
    [number, number],
    { traceId: number; bounds: Uint8Array; first: Uint8Array; second: Uint8Array }
  >(`
    SELECT a.trace_id AS traceId, s.bounds, a.probabilities AS first, b.probabilities AS second
    FROM ${ALL} a JOIN ${ALL} b ON b.trace_id = a.trace_id AND b.segmenter = a.segmenter
      JOIN steps s ON s.trace_id = a.trace_id AND s.segmenter = a.segmenter
    WHERE a.model_id = ? AND b.model_id = ?`)

  return {
    predicted: (): PredictedModel[] =>
      predicted
        .all()
        .filter(({ shown, beside }) => shown + beside > 0)
        .map(({ thresholds, chosen, ...rest }) => ({
          ...rest,
          thresholds: JSON.parse(thresholds) as number[],
          chosen: chosen === 1,
        })),

    find(model: string, version: string): StoredModel | null {
      const found = byVersion.get(model, version)
      return found === undefined
        ? null
        : { id: found.id, thresholds: JSON.parse(found.thresholds) as number[] }
    },

    /** Probabilities of every trace a model has predictions for, in no order. */
    *probabilities(modelId: number): Generator<Float32Array> {
      for (const bytes of ofModel.iterate(modelId)) yield decodeProbabilities(bytes)
    },

    /** Traces that two models have both looked at, step by step the same. */
    *pairs(first: number, second: number): Generator<PredictionPair> {
      for (const pair of pairs.iterate(first, second))
        yield {
          traceId: pair.traceId,
          bounds: decodeBounds(pair.bounds),
          first: decodeProbabilities(pair.first),
          second: decodeProbabilities(pair.second),
        }
    },
  }
}
