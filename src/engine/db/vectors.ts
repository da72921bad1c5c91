import { decodeBounds, encodeBounds } from '#shared/domain/step-codec.ts'
import { fromStored } from '#shared/domain/surrogates.ts'
import type { Db } from './connection.ts'
import { createModelResults } from './model-results.ts'

/** Vectors of a trace's steps: directions of 8-bit numbers, row-major. */
export interface StepVectors {
  traceId: number
  bounds: Uint32Array
  directions: Int8Array
}

/** A trace as far as its steps are shown: `bounds` of all its steps, UTF-16. */
export interface StepPlace {
  run: string
  checkpoint: number | null
  /** What the file says, else Cairn's verdict. */
  correct: boolean | null
  response: string
  bounds: Uint32Array
}

/** A row as it is read for a search: which trace's steps these are, in the order of the rows' ids. */
export interface VectorRow {
  id: number
  traceId: number
  directions: Int8Array
}

/** Rows read together: some megabytes. */
const PAGE = 200

export type VectorStore = ReturnType<typeof createVectorStore>

/** Vectors of steps, by model. */
export function createVectorStore(db: Db) {
  const drop = db.prepare('DELETE FROM step_vectors WHERE model_id = ? AND trace_id = ?')
  const put = db.prepare(
    'INSERT INTO step_vectors (model_id, trace_id, segmenter, width, bounds, directions) VALUES (?, ?, ?, ?, ?, ?)',
  )
  // By id only: in the order of the index by model, every page would sort all that comes after it.
  const after = db.prepare<
    [number, number, number, number],
    { id: number; traceId: number; directions: Uint8Array }
  >(`
    SELECT id, trace_id AS traceId, directions FROM step_vectors
    WHERE id > ? AND id <= ? AND +model_id = ? AND segmenter = ? ORDER BY id LIMIT ${PAGE}`)
  const width = db.prepare<[number, number], { width: number }>(
    'SELECT width FROM step_vectors WHERE model_id = ? AND segmenter = ? LIMIT 1',
  )
  const extent = db.prepare<[number, number], { count: number; last: number | null }>(
    'SELECT count(*) AS count, max(id) AS last FROM step_vectors WHERE model_id = ? AND segmenter = ?',
  )
  const ofTrace = db.prepare<[number, number, number], { bounds: Uint8Array; directions: Uint8Array }>(`
    SELECT bounds, directions FROM step_vectors
    WHERE model_id = ? AND trace_id = ? AND segmenter = ?`)
  const place = db.prepare<
    [number, number, number],
    {
      run: string
      checkpoint: number | null
      correct: number | null
      response: string
      lone: string | null
      bounds: Uint8Array
    }
  >(`
    SELECT r.name AS run, t.checkpoint, coalesce(t.correct, t.verified) AS correct, x.response, x.lone, v.bounds
    FROM step_vectors v JOIN traces t ON t.id = v.trace_id JOIN runs r ON r.id = t.run_id
      JOIN texts x ON x.trace_id = v.trace_id
    WHERE v.model_id = ? AND v.trace_id = ? AND v.segmenter = ?`)
  const made = db.prepare<[number], { model: string; version: string; id: number; traces: number }>(`
    SELECT m.model, m.version, m.id, count(*) AS traces FROM step_vectors v JOIN models m ON m.id = v.model_id
    WHERE v.segmenter = ? GROUP BY m.id ORDER BY max(v.id) DESC`)

  return {
    ...createModelResults(db, 'step_vectors'),

    /** Models whose vectors of current steps are here, the one used last first. */
    made: (segmenter: number) => made.all(segmenter),

    /** Stores the vectors of several traces in one transaction, in the place of what the model said of them. */
    store: db.transaction(
      (modelId: number, segmenter: number, vectorWidth: number, results: readonly StepVectors[]) => {
        for (const { traceId, bounds, directions } of results) {
          drop.run(modelId, traceId)
          put.run(modelId, traceId, segmenter, vectorWidth, encodeBounds(bounds), bytesOf(directions))
        }
      },
    ),

    width: (modelId: number, segmenter: number): number | null =>
      width.get(modelId, segmenter)?.width ?? null,
    /** How many rows there are, and the last one's id; 0 where there is none. */
    extent(modelId: number, segmenter: number): { count: number; last: number } {
      const { count, last } = extent.get(modelId, segmenter)!
      return { count, last: last ?? 0 }
    },

    /** Rows after an id up to another, page by page. It passes over those of other models between the two. */
    *rows(modelId: number, segmenter: number, afterId: number, lastId: number): Generator<VectorRow> {
      for (let from = afterId; from < lastId;) {
        const page = after.all(from, lastId, modelId, segmenter)
        for (const { id, traceId, directions } of page)
          yield { id, traceId, directions: directionsOf(directions) }
        if (page.length < PAGE) return
        from = page.at(-1)!.id
      }
    },

    /** What is needed to show a step of a trace; null where the model has not looked at it. */
    place(modelId: number, traceId: number, segmenter: number): StepPlace | null {
      const row = place.get(modelId, traceId, segmenter)
      if (row === undefined) return null
      const { bounds, response, lone, correct, ...rest } = row
      return {
        ...rest,
        correct: correct === null ? null : correct === 1,
        response: fromStored(response, lone),
        bounds: decodeBounds(bounds),
      }
    },

    /** Steps of a trace and their vectors; null where the model has not looked at it. */
    ofTrace(modelId: number, traceId: number, segmenter: number): StepVectors | null {
      const row = ofTrace.get(modelId, traceId, segmenter)
      return row === undefined
        ? null
        : { traceId, bounds: decodeBounds(row.bounds), directions: directionsOf(row.directions) }
    },
  }
}

const bytesOf = ({ buffer, byteOffset, length }: Int8Array) => new Uint8Array(buffer, byteOffset, length)
const directionsOf = ({ buffer, byteOffset, length }: Uint8Array) => new Int8Array(buffer, byteOffset, length)
