import type { ExtractionMethod, Outcome, Verdict } from '#shared/domain/answers/types.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { GRAPH_MEASURES, type GraphFigures, type GraphMeasure } from '#shared/domain/graph/figures.ts'
import { ownIdOf, type OwnColumn } from '#shared/domain/own-column.ts'
import { decodeBounds, decodeProbabilities } from '#shared/domain/step-codec.ts'
import { fromStored } from '#shared/domain/surrogates.ts'
import type { Json, Message } from '#shared/domain/trace.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { TraceRow } from '#shared/contract/traces.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'
import { createOwnCounts, ownSteps, OWN_LABELS } from './own-counts.ts'

export interface TraceSort {
  by: 'id' | 'run' | 'checkpoint' | 'correct' | 'reward' | 'length' | Behaviour | GraphMeasure | OwnColumn
  descending: boolean
}

const COLUMNS = `
  t.id, r.name AS run, t.checkpoint, t.key, t.sample, t.correct, t.verified, t.reward, t.truncated, t.length,
  t.tokens, v.outcome, t.annotations + ${OWN_LABELS} AS annotations, t.model_id, t.text_hash, t.source_id, t.row, t.line, t.byte_offset,
  g.trace_id AS measured, ${GRAPH_MEASURES.map((name) => `g.${name}`).join(', ')},
  ${BEHAVIOURS.flatMap((b) => [`t.${b}_steps`, `t.${b}_episodes`]).join(', ')}`

interface RawRow extends Record<string, unknown> {
  id: number
  run: string
  checkpoint: number | null
  key: string | null
  sample: number | null
  correct: number | null
  verified: number | null
  outcome: Outcome | null
  reward: number | null
  truncated: number | null
  length: number
  tokens: number | null
  annotations: number
  model_id: number | null
  text_hash: Buffer
  source_id: number
  row: number
  line: number | null
  byte_offset: number | null
  /** Null where the graph was not measured. */
  measured: number | null
  prompt: string
}

const flag = (value: number | null): boolean | null => (value === null ? null : value === 1)

const counts = (raw: RawRow, unit: 'steps' | 'episodes') =>
  raw.model_id === null
    ? null
    : (Object.fromEntries(BEHAVIOURS.map((b) => [b, raw[`${b}_${unit}`]])) as Record<Behaviour, number>)

function toRow(raw: RawRow, own: TraceRow['own']): TraceRow {
  return {
    id: raw.id,
    run: raw.run,
    checkpoint: raw.checkpoint,
    key: raw.key,
    sample: raw.sample,
    correct: flag(raw.correct),
    verified: flag(raw.verified),
    outcome: raw.outcome,
    reward: raw.reward,
    truncated: flag(raw.truncated),
    length: raw.length,
    tokens: raw.tokens,
    steps: counts(raw, 'steps'),
    episodes: counts(raw, 'episodes'),
    annotations: raw.annotations,
    own,
    graph:
      raw.measured === null
        ? null
        : (Object.fromEntries(GRAPH_MEASURES.map((name) => [name, raw[name]])) as GraphFigures),
    prompt: raw.prompt,
  }
}

/** A trace with its texts and predictions, as stored. Offsets are UTF-16. */
export interface FullTrace {
  row: TraceRow
  sourceId: number
  place: { line: number | null; row: number; offset: number | null }
  messages: Message[] | null
  response: string
  reference: string | null
  metadata: { [key: string]: Json }
  /** SHA-256 of the response's UTF-8 bytes, hex. */
  textHash: string
  bounds: Uint32Array<ArrayBuffer> | null
  segmenter: number | null
  /** What Cairn's checkers make of the answer; null before they were asked. */
  verdict: Verdict | null
  prediction: {
    model: string
    version: string
    probabilities: Float32Array<ArrayBuffer>
    thresholds: number[]
  } | null
}

interface RawFull extends RawRow {
  prompt_lone: string | null
  messages: string | null
  response: string
  lone: string | null
  reference: string | null
  metadata: string
  checker: string | null
  method: ExtractionMethod | null
  extracted: string | null
  compared: string | null
  reason: string | null
  bounds: Uint8Array | null
  segmenter: number | null
  probabilities: Uint8Array | null
  model: string | null
  version: string | null
  thresholds: string | null
}

function toFull(raw: RawFull, own: TraceRow['own']): FullTrace {
  const row = toRow(raw, own)
  row.prompt = fromStored(raw.prompt, raw.prompt_lone)
  return {
    row,
    sourceId: raw.source_id,
    place: { line: raw.line, row: raw.row, offset: raw.byte_offset },
    messages: raw.messages === null ? null : (JSON.parse(raw.messages) as Message[]),
    response: fromStored(raw.response, raw.lone),
    reference: raw.reference,
    metadata: JSON.parse(raw.metadata) as { [key: string]: Json },
    textHash: raw.text_hash.toString('hex'),
    bounds: raw.bounds === null ? null : decodeBounds(raw.bounds),
    segmenter: raw.segmenter,
    verdict:
      raw.outcome === null
        ? null
        : {
            outcome: raw.outcome,
            checker: raw.checker!,
            extracted: raw.extracted,
            method: raw.method,
            reference: raw.compared,
            reason: raw.reason!,
          },
    prediction:
      raw.probabilities === null || raw.model === null
        ? null
        : {
            model: raw.model,
            version: raw.version!,
            probabilities: decodeProbabilities(raw.probabilities),
            thresholds: JSON.parse(raw.thresholds!) as number[],
          },
  }
}

// By rowid only: in the order of another index, every page would sort the texts of all that is selected.
const FULL = `
  SELECT ${COLUMNS}, p.text AS prompt, p.lone AS prompt_lone, p.messages, x.response, x.lone, x.reference, x.metadata,
    v.checker, v.method, v.extracted, v.reference AS compared, v.reason, s.bounds, s.segmenter, d.probabilities, m.model, m.version, m.thresholds
  FROM traces t NOT INDEXED JOIN runs r ON r.id = t.run_id JOIN prompts p ON p.id = t.prompt_id
    JOIN texts x ON x.trace_id = t.id
    LEFT JOIN steps s ON s.trace_id = t.id LEFT JOIN predictions d ON d.trace_id = t.id
    LEFT JOIN models m ON m.id = d.model_id LEFT JOIN graphs g ON g.trace_id = t.id
    LEFT JOIN verdicts v ON v.trace_id = t.id`

/** Characters of a prompt that a table row carries. */
const PROMPT_PREVIEW = 300

const isMeasure = (by: TraceSort['by']) => (GRAPH_MEASURES as readonly string[]).includes(by)

function sortColumn(by: TraceSort['by']): string {
  if (by === 'run') return 'r.name'
  if (by === 'correct') return 'coalesce(t.correct, t.verified)'
  if (isMeasure(by)) return `g.${by}`
  const own = ownIdOf(by)
  if (own !== null) return ownSteps(own)
  return (BEHAVIOURS as readonly string[]).includes(by) ? `t.${by}_steps` : `t.${by}`
}

/** What an annotation file says about where its trace came from. */
interface TraceOrigin {
  run: string | null
  checkpoint: number | null
  key: string | null
  sample: number | null
}

/** Traces with one and the same response, in id order. */
export interface SameText {
  ids: number[]
  /** The same ids by `originKey`. */
  byOrigin: Map<string, number[]>
}

/** Equal for traces that agree in run, checkpoint, key and sample. */
export function originKey({ run, checkpoint, key, sample }: TraceOrigin): string {
  return JSON.stringify([run, checkpoint, key, sample])
}

export type TraceStore = ReturnType<typeof createTraceStore>

/** Ids that are looked at before the first rows are given up for later, and between two words about how far one is. */
const PORTION = 20_000

/** Reads traces: counts, pages, one whole, all of a selection in id order. */
export function createTraceStore(db: Db) {
  const one = db.prepare<[number], RawFull>(`${FULL} WHERE t.id = ?`)
  const rows = db.prepare<[string], RawRow>(
    `SELECT ${COLUMNS}, substr(p.text, 1, ${PROMPT_PREVIEW}) AS prompt
     FROM traces t JOIN runs r ON r.id = t.run_id JOIN prompts p ON p.id = t.prompt_id
       LEFT JOIN graphs g ON g.trace_id = t.id LEFT JOIN verdicts v ON v.trace_id = t.id
     WHERE t.id IN (SELECT value FROM json_each(?))`,
  )
  const ownCounts = createOwnCounts(db)
  const exists = db.prepare<[number]>('SELECT 1 FROM traces WHERE id = ?')
  const withText = db.prepare<[Buffer], TraceOrigin & { id: number }>(
    `SELECT t.id, r.name AS run, t.checkpoint, t.key, t.sample
     FROM traces t JOIN runs r ON r.id = t.run_id WHERE t.text_hash = ? ORDER BY t.id`,
  )
  const total = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM traces')
  const extent = db.prepare<[], { first: number; last: number }>(
    'SELECT (SELECT min(id) FROM traces) AS first, (SELECT max(id) FROM traces) AS last',
  )

  /** A list that a statement makes as JSON: a million numbers are quicker through as one text than as rows. */
  const listed = <T = number>(sql: string, ...params: (string | number | null)[]): T[] =>
    JSON.parse(
      db
        .prepare<typeof params, string>(sql)
        .pluck()
        .get(...params)!,
    ) as T[]

  return {
    count(filter: Filter): number {
      const { sql, params } = compileFilter(filter)
      if (sql === '1') return total.get()!.n
      return db
        .prepare<typeof params, { n: number }>(`SELECT count(*) AS n FROM traces t WHERE ${sql}`)
        .get(...params)!.n
    },

    /** Ids of every trace, rising. */
    everyId(): Uint32Array {
      const { first, last } = extent.get()!
      const { n } = total.get()!
      // Nothing was ever removed: the ids need not be read.
      if (n > 0 && last - first + 1 === n) return new Uint32Array(n).map((_, at) => first + at)
      return Uint32Array.from(listed('SELECT json_group_array(id) FROM (SELECT id FROM traces ORDER BY id)'))
    },

    /** The prompt of every trace, in the order of ids. */
    everyPrompt: (): Uint32Array =>
      Uint32Array.from(
        listed(
          'SELECT json_group_array(prompt_id) FROM (SELECT prompt_id FROM traces NOT INDEXED ORDER BY id)',
        ),
      ),

    /**
     * Ids of a selection, in no order. A condition on metadata reads every record: `tell` then hears how
     * many traces were looked at.
     */
    ids(filter: Filter, tell: (done: number, total: number) => void = () => undefined): number[] {
      const { sql, params } = compileFilter(filter)
      const select = `SELECT json_group_array(t.id) FROM traces t WHERE ${sql}`
      const { n } = total.get()!
      if (n <= PORTION || filter.metadata === undefined) return listed(select, ...params)
      const { first, last } = extent.get()!
      const found: number[] = []
      for (let from = first; from <= last; from += PORTION) {
        for (const id of listed(`${select} AND t.id >= ? AND t.id < ?`, ...params, from, from + PORTION))
          found.push(id)
        tell(Math.min(n, from + PORTION - first), n)
      }
      return found
    },

    /**
     * The first of a selection, by id; null when they are not all among the first traces there are, so that it
     * takes a look at every trace to find them.
     */
    first(filter: Filter, limit: number): Uint32Array | null {
      const { sql, params } = compileFilter(filter)
      const found = db
        .prepare<typeof params, number>(
          `SELECT t.id FROM traces t NOT INDEXED WHERE t.id < (SELECT min(id) FROM traces) + ${PORTION} AND ${sql}
           ORDER BY t.id LIMIT ${limit}`,
        )
        .pluck()
        .all(...params)
      return found.length < limit ? null : Uint32Array.from(found)
    },

    /** The given traces in another order. */
    sorted(ids: Uint32Array, { by, descending }: TraceSort): Uint32Array {
      const direction = descending ? 'DESC' : 'ASC'
      return Uint32Array.from(
        listed(
          `SELECT json_group_array(t.id ORDER BY ${sortColumn(by)} ${direction} NULLS LAST, t.id)
           FROM traces t JOIN runs r ON r.id = t.run_id LEFT JOIN graphs g ON g.trace_id = t.id
           WHERE t.id IN (SELECT value FROM json_each(?))`,
          `[${ids.join()}]`,
        ),
      )
    },

    /** What a column sorts by, of every trace up to an id in the order of ids; runs are numbered by name. */
    column(by: TraceSort['by'], lastId: number): (number | null)[] {
      const name = by === 'run' ? 't.run_id' : sortColumn(by)
      const values = listed<number | null>(
        `SELECT json_group_array(${name}) FROM traces t NOT INDEXED
         ${isMeasure(by) ? 'LEFT JOIN graphs g ON g.trace_id = t.id' : ''} WHERE t.id <= ?`,
        lastId,
      )
      if (by !== 'run') return values
      const names = listed('SELECT json_group_array(id ORDER BY name) FROM runs')
      const places = new Map(names.map((id, place) => [id, place]))
      return values.map((id) => places.get(id!)!)
    },

    /** Rows of the given traces, in the order given. */
    rows(ids: Uint32Array): TraceRow[] {
      const list = `[${ids.join()}]`
      const own = ownCounts(list)
      const found = new Map(rows.all(list).map((raw) => [raw.id, toRow(raw, own.get(raw.id) ?? {})]))
      return [...ids].flatMap((id) => found.get(id) ?? [])
    },

    has: (id: number): boolean => exists.get(id) !== undefined,

    /**
     * Makes `byTextHash` quick, once for a workspace. Those that read no label file go without: it costs each import of
     * traces about a twentieth.
     */
    indexTexts: (): void => void db.exec('CREATE INDEX IF NOT EXISTS traces_by_text ON traces (text_hash)'),

    /** The traces whose response has one of the hashes (hex), by hash; after `indexTexts`, or each is a pass over all. */
    byTextHash(hashes: ReadonlySet<string>): Map<string, SameText> {
      const found = new Map<string, SameText>()
      for (const hash of hashes)
        for (const { id, ...origin } of withText.iterate(Buffer.from(hash, 'hex'))) {
          const same = found.get(hash) ?? { ids: [], byOrigin: new Map<string, number[]>() }
          found.set(hash, same)
          same.ids.push(id)
          const key = originKey(origin)
          const ids = same.byOrigin.get(key)
          if (ids === undefined) same.byOrigin.set(key, [id])
          else ids.push(id)
        }
      return found
    },

    get(id: number): FullTrace | null {
      const raw = one.get(id)
      return raw === undefined ? null : toFull(raw, ownCounts(`[${id}]`).get(id) ?? {})
    },

    /** Sources that traces of a selection came from. */
    sourceIds(filter: Filter): number[] {
      const { sql, params } = compileFilter(filter)
      return db
        .prepare<typeof params, { id: number }>(
          `SELECT DISTINCT t.source_id AS id FROM traces t WHERE ${sql} ORDER BY t.source_id`,
        )
        .all(...params)
        .map(({ id }) => id)
    },

    /** Whole traces of a selection after an id, in id order: a page of an export. */
    page(filter: Filter, afterId: number, limit: number): FullTrace[] {
      const { sql, params } = compileFilter(filter)
      const found = db
        .prepare<(string | number | null)[], RawFull>(
          `${FULL} WHERE ${sql} AND t.id > ? ORDER BY t.id LIMIT ?`,
        )
        .all(...params, afterId, limit)
      const own = ownCounts(JSON.stringify(found.map(({ id }) => id)))
      return found.map((raw) => toFull(raw, own.get(raw.id) ?? {}))
    },
  }
}
