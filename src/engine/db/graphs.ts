import type { Filter } from '#shared/contract/filter.ts'
import type { GraphChange, GraphEdit } from '#shared/domain/graph/edits.ts'
import { GRAPH_MEASURES, type GraphFigures } from '#shared/domain/graph/figures.ts'
import type { Method } from '#shared/domain/graph/types.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'

/** Measures of one trace's graph, and what they were made from. */
export interface MeasuredGraph {
  readonly traceId: number
  readonly version: number
  readonly segmenter: number
  readonly modelId: number | null
  /** See `GraphStore.basis`. */
  readonly basis: string
  readonly method: Method
  readonly figures: GraphFigures
  /** See `encodeShape`. */
  readonly shape: Uint8Array
}

/** What current measures were made with. */
export interface Versions {
  readonly graph: number
  /** Of traces that have no steps yet. */
  readonly segmenter: number
}

/** Traces whose measures are missing, or older than their model, its thresholds, steps, labels or edits. */
const PENDING = `NOT EXISTS (SELECT 1 FROM graphs g WHERE g.trace_id = t.id AND g.stale = 0 AND g.version = ?
  AND g.model_id IS t.model_id
  AND g.segmenter = coalesce((SELECT s.segmenter FROM steps s WHERE s.trace_id = t.id), ?))`

/** Ids of traces of a selection that have no current measures, or of all with `force`; rising. */
export function unmeasured(db: Db, filter: Filter, { graph, segmenter }: Versions, force: boolean): number[] {
  const { sql, params } = compileFilter(filter)
  const condition = force ? sql : `${sql} AND ${PENDING}`
  return db
    .prepare<(string | number | null)[], number>(`SELECT t.id FROM traces t WHERE ${condition} ORDER BY t.id`)
    .pluck()
    .all(...params, ...(force ? [] : [graph, segmenter]))
}

interface RawEdit {
  id: number
  trace_id: number
  change: string
  annotator: string
  at: string
  text_hash: string
}

const toEdit = (raw: RawEdit): GraphEdit => ({
  id: raw.id,
  traceId: raw.trace_id,
  change: JSON.parse(raw.change) as GraphChange,
  annotator: raw.annotator,
  at: raw.at,
  textHash: raw.text_hash,
})

export type GraphStore = ReturnType<typeof createGraphStore>

/** Measures of graphs, and people's edits of them. */
export function createGraphStore(db: Db) {
  const putMeasures = db.prepare(`
    INSERT OR REPLACE INTO graphs (trace_id, version, segmenter, model_id, stale, method, shape, ${GRAPH_MEASURES.join(', ')})
    VALUES (?, ?, ?, ?, ?, ?, ?, ${GRAPH_MEASURES.map(() => '?').join(', ')})`)
  const basis = db.prepare<[number], { modelId: number | null; basis: string }>(`
    SELECT t.model_id AS modelId, json_array(t.model_id, m.thresholds,
      (SELECT json_group_array(json_array(start, "end", behaviour, verdict) ORDER BY id) FROM annotations WHERE trace_id = t.id),
      (SELECT json_group_array(change ORDER BY id) FROM graph_edits WHERE trace_id = t.id)) AS basis
    FROM traces t LEFT JOIN models m ON m.id = t.model_id WHERE t.id = ?`)
  const shapes = db.prepare<[string], { id: number; shape: Uint8Array }>(
    'SELECT trace_id AS id, shape FROM graphs WHERE trace_id IN (SELECT value FROM json_each(?))',
  )
  const siblings = db
    .prepare<[number, number], number>(
      `SELECT id FROM traces WHERE prompt_id = (SELECT prompt_id FROM traces WHERE id = ?) AND id != ?
       ORDER BY id LIMIT 500`,
    )
    .pluck()
  const editsOf = db.prepare<[number], RawEdit>('SELECT * FROM graph_edits WHERE trace_id = ? ORDER BY id')
  const edit = db.prepare<[number], RawEdit>('SELECT * FROM graph_edits WHERE id = ?')
  const add = db.prepare(
    'INSERT INTO graph_edits (trace_id, change, annotator, at, text_hash) VALUES (?, ?, ?, ?, ?)',
  )
  const put = db.prepare(
    'INSERT OR REPLACE INTO graph_edits (id, trace_id, change, annotator, at, text_hash) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const remove = db.prepare('DELETE FROM graph_edits WHERE id = ?')
  // Measures are those of the edited graph; triggers see to labels.
  const outdate = db.prepare('UPDATE graphs SET stale = 1 WHERE trace_id = ?')
  const outdateEdited = db.prepare(
    'UPDATE graphs SET stale = 1 WHERE trace_id = (SELECT trace_id FROM graph_edits WHERE id = ?)',
  )

  return {
    /** What can change of what a trace's graph is made from: model, thresholds, labels and edits, as text to compare. */
    basis: (traceId: number): { modelId: number | null; basis: string } => basis.get(traceId)!,
    /** Stores measures in one transaction; those that people or a recount have overtaken as stale. */
    storeMeasures: db.transaction((graphs: readonly MeasuredGraph[]) => {
      for (const { traceId, version, segmenter, modelId, basis: madeFrom, method, shape, figures } of graphs)
        putMeasures.run(
          traceId,
          version,
          segmenter,
          modelId,
          basis.get(traceId)?.basis === madeFrom ? 0 : 1,
          method,
          shape,
          ...GRAPH_MEASURES.map((name) => figures[name]),
        )
    }),
    /** Ids of other traces with the same prompt, rising. */
    siblings: (traceId: number): number[] => siblings.all(traceId, traceId),
    /** Shapes of those of the traces that were measured, by id. */
    shapes: (ids: readonly number[]): Map<number, Uint8Array> =>
      new Map(shapes.all(JSON.stringify(ids)).map(({ id, shape }) => [id, shape])),
    editsOf: (traceId: number): GraphEdit[] => editsOf.all(traceId).map(toEdit),
    edit(id: number): GraphEdit | null {
      const raw = edit.get(id)
      return raw === undefined ? null : toEdit(raw)
    },
    addEdit({ traceId, change, annotator, at, textHash }: Omit<GraphEdit, 'id'>): GraphEdit {
      const { lastInsertRowid } = add.run(traceId, JSON.stringify(change), annotator, at, textHash)
      outdate.run(traceId)
      return { id: Number(lastInsertRowid), traceId, change, annotator, at, textHash }
    },
    /** Puts an edit back under its own id. */
    putEdit({ id, traceId, change, annotator, at, textHash }: GraphEdit): void {
      put.run(id, traceId, JSON.stringify(change), annotator, at, textHash)
      outdate.run(traceId)
    },
    removeEdit(id: number): void {
      outdateEdited.run(id)
      remove.run(id)
    },
  }
}
