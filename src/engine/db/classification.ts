import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { encodeBounds, encodeProbabilities } from '#shared/domain/step-codec.ts'
import { fromStored } from '#shared/domain/surrogates.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'

export interface PendingTrace {
  id: number
  prompt: string
  response: string
}

export interface Classification {
  traceId: number
  bounds: Uint32Array
  probabilities: Float32Array
  /** Per behaviour, in the order of BEHAVIOURS. */
  steps: readonly number[]
  episodes: readonly number[]
}

const COUNT_COLUMNS = BEHAVIOURS.flatMap((b) => [`${b}_steps`, `${b}_episodes`])

export type ClassificationStore = ReturnType<typeof createClassificationStore>

/** Steps, predictions and behaviour counts. One current prediction a trace; a newer one replaces it. */
export function createClassificationStore(db: Db) {
  const findModel = db.prepare<[string, string], { id: number; thresholds: string }>(
    'SELECT id, thresholds FROM models WHERE model = ? AND version = ?',
  )
  const addModel = db.prepare(`
    INSERT INTO models (model, version, thresholds) VALUES (?, ?, ?)
    ON CONFLICT (model, version) DO UPDATE SET thresholds = excluded.thresholds`)
  const nameModel = db.prepare(
    'INSERT INTO models (model, version, thresholds) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const putSteps = db.prepare('INSERT OR REPLACE INTO steps (trace_id, segmenter, bounds) VALUES (?, ?, ?)')
  const putPrediction = db.prepare(
    'INSERT OR REPLACE INTO predictions (trace_id, model_id, segmenter, probabilities) VALUES (?, ?, ?, ?)',
  )
  const putCounts = db.prepare(
    `UPDATE traces SET model_id = ?, ${COUNT_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`,
  )

  const current = db.prepare<[number]>('SELECT 1 FROM predictions WHERE trace_id = ?')

  /** Traces without a prediction by this model version on this segmentation (all, with `force`). */
  const condition = (filter: Filter, force: boolean) => {
    const { sql, params } = compileFilter(filter)
    return force
      ? { sql, params, current: [] as number[] }
      : {
          sql: `${sql} AND NOT EXISTS (SELECT 1 FROM predictions d
            WHERE d.trace_id = t.id AND d.model_id = ? AND d.segmenter = ?)`,
          params,
        }
  }

  return {
    has: (traceId: number): boolean => current.get(traceId) !== undefined,

    modelId(model: string, version: string, thresholds: readonly number[]): number {
      addModel.run(model, version, JSON.stringify(thresholds))
      return findModel.get(model, version)!.id
    },

    /**
     * The model a file names, with the thresholds this workspace already counts it by: they are the
     * model's, not the file's, so that stored counts keep agreeing with them.
     */
    namedModel(
      model: string,
      version: string,
      thresholds: readonly number[],
    ): { id: number; thresholds: number[] } {
      nameModel.run(model, version, JSON.stringify(thresholds))
      const known = findModel.get(model, version)!
      return { id: known.id, thresholds: JSON.parse(known.thresholds) as number[] }
    },

    countPending(
      filter: Filter,
      modelId: number,
      segmenter: number,
      force: boolean,
    ): { traces: number; chars: number } {
      const { sql, params } = condition(filter, force)
      return db
        .prepare<(string | number | null)[], { traces: number; chars: number }>(
          `SELECT count(*) AS traces, coalesce(sum(t.length), 0) AS chars FROM traces t WHERE ${sql}`,
        )
        .get(...params, ...(force ? [] : [modelId, segmenter]))!
    },

    /** The next pending traces after an id, in id order, about `maxChars` of text in all. */
    pending(
      filter: Filter,
      modelId: number,
      segmenter: number,
      force: boolean,
      afterId: number,
      maxChars: number,
    ): PendingTrace[] {
      const { sql, params } = condition(filter, force)
      const statement = db.prepare<
        (string | number | null)[],
        { id: number; prompt: string; prompt_lone: string | null; response: string; lone: string | null }
      >(
        `SELECT t.id, p.text AS prompt, p.lone AS prompt_lone, x.response, x.lone
         FROM traces t JOIN texts x ON x.trace_id = t.id JOIN prompts p ON p.id = t.prompt_id
         WHERE ${sql} AND t.id > ? ORDER BY t.id`,
      )
      const traces: PendingTrace[] = []
      let chars = 0
      for (const raw of statement.iterate(...params, ...(force ? [] : [modelId, segmenter]), afterId)) {
        const response = fromStored(raw.response, raw.lone)
        traces.push({ id: raw.id, prompt: fromStored(raw.prompt, raw.prompt_lone), response })
        chars += response.length + 200
        if (chars >= maxChars) break
      }
      return traces
    },

    /** Stores results in one transaction. */
    store: db.transaction((modelId: number, segmenter: number, results: readonly Classification[]) => {
      for (const { traceId, bounds, probabilities, steps, episodes } of results) {
        putSteps.run(traceId, segmenter, encodeBounds(bounds))
        putPrediction.run(traceId, modelId, segmenter, encodeProbabilities(probabilities))
        putCounts.run(
          modelId,
          ...BEHAVIOURS.flatMap((_, index) => [steps[index]!, episodes[index]!]),
          traceId,
        )
      }
    }),
  }
}
