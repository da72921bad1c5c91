import type { ImportCounts, RejectRow } from '#shared/contract/imports.ts'
import type { Run, Source } from '#shared/contract/workspace.ts'
import type { ImportCursor, PreparedReject } from '../importers/reader.ts'
import type { Mapping } from '../importers/types.ts'
import type { Db } from './connection.ts'

export interface SourceRow {
  id: number
  jobId: number
  name: string
  path: string | null
  bytes: number
  sha256: string | null
  container: string
  shape: string
  mapping: Mapping | null
  run: string | null
  checkpoint: number | null
  state: Source['state']
  cursor: ImportCursor | null
  counts: ImportCounts
  importedAt: string
}

interface Raw {
  id: number
  job_id: number
  name: string
  path: string | null
  bytes: number
  sha256: string | null
  container: string
  shape: string
  mapping: string | null
  run: string | null
  checkpoint: number | null
  state: Source['state']
  cursor: string | null
  read: number
  imported: number
  duplicates: number
  rejected: number
  imported_at: string
}

function toSource(raw: Raw): SourceRow {
  return {
    id: raw.id,
    jobId: raw.job_id,
    name: raw.name,
    path: raw.path,
    bytes: raw.bytes,
    sha256: raw.sha256,
    container: raw.container,
    shape: raw.shape,
    mapping: raw.mapping === null ? null : (JSON.parse(raw.mapping) as Mapping),
    run: raw.run,
    checkpoint: raw.checkpoint,
    state: raw.state,
    cursor: raw.cursor === null ? null : (JSON.parse(raw.cursor) as ImportCursor),
    counts: { read: raw.read, imported: raw.imported, duplicates: raw.duplicates, rejected: raw.rejected },
    importedAt: raw.imported_at,
  }
}

export type SourceStore = ReturnType<typeof createSourceStore>

/** Sources, runs and rejected records. */
export function createSourceStore(db: Db) {
  const byJob = db.prepare<[number, string], Raw>('SELECT * FROM sources WHERE job_id = ? AND name = ?')
  const byId = db.prepare<[number], Raw>('SELECT * FROM sources WHERE id = ?')
  const all = db.prepare<[], Raw>('SELECT * FROM sources ORDER BY id')
  const add = db.prepare(`
    INSERT INTO sources (job_id, name, path, bytes, container, shape, mapping, run, checkpoint, state, imported_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'importing', ?)`)
  const advance = db.prepare(`
    UPDATE sources SET read = read + ?, imported = imported + ?, duplicates = duplicates + ?, rejected = rejected + ?,
      cursor = coalesce(?, cursor) WHERE id = ?`)
  const finish = db.prepare('UPDATE sources SET state = ?, sha256 = ? WHERE id = ?')
  const twin = db.prepare<[number, string, string], { id: number }>(
    `SELECT id FROM sources WHERE id < ? AND sha256 = ? AND name = ? AND state IN ('complete', 'partial') LIMIT 1`,
  )
  const remove = db.prepare('DELETE FROM sources WHERE id = ?')
  const ofJob = db.prepare<[number], Raw>('SELECT * FROM sources WHERE job_id = ? ORDER BY id')

  const addReject = db.prepare(`
    INSERT INTO rejects (source_id, code, message, row, line, byte_offset, traces, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const rejects = db.prepare<[number, number | null, number | null, number], RejectRaw>(`
    SELECT r.*, s.name AS file FROM rejects r JOIN sources s ON s.id = r.source_id
    WHERE r.id > ? AND (? IS NULL OR r.source_id = ?) ORDER BY r.id LIMIT ?`)
  const rejectById = db.prepare<[number], RejectRaw>(`
    SELECT r.*, s.name AS file FROM rejects r JOIN sources s ON s.id = r.source_id WHERE r.id = ?`)
  const rejectIds = db.prepare<[], number>('SELECT id FROM rejects ORDER BY id').pluck()
  const replaceReject = db.prepare(
    'UPDATE rejects SET code = ?, message = ?, traces = ?, raw = ? WHERE id = ?',
  )
  const dropReject = db.prepare('DELETE FROM rejects WHERE id = ?')

  const runs = db.prepare<[], { id: number; name: string; traces: number; checkpoints: string }>(`
    SELECT r.id, r.name, sum(g.n) AS traces, json_group_array(g.checkpoint ORDER BY g.checkpoint) AS checkpoints
    FROM runs r JOIN (SELECT run_id, checkpoint, count(*) AS n FROM traces GROUP BY run_id, checkpoint) g
      ON g.run_id = r.id GROUP BY r.id ORDER BY r.name`)

  return {
    find: (jobId: number, name: string): SourceRow | null => map(byJob.get(jobId, name)),
    get: (id: number): SourceRow | null => map(byId.get(id)),
    list: (): SourceRow[] => all.all().map(toSource),
    ofJob: (jobId: number): SourceRow[] => ofJob.all(jobId).map(toSource),
    add(
      jobId: number,
      source: Omit<SourceRow, 'id' | 'jobId' | 'state' | 'cursor' | 'counts' | 'sha256'>,
    ): number {
      return Number(
        add.run(
          jobId,
          source.name,
          source.path,
          source.bytes,
          source.container,
          source.shape,
          source.mapping === null ? null : JSON.stringify(source.mapping),
          source.run,
          source.checkpoint,
          source.importedAt,
        ).lastInsertRowid,
      )
    },
    /** Adds to the counts and moves the cursor; a null cursor leaves it. */
    advance(id: number, counts: ImportCounts, cursor: ImportCursor | null): void {
      advance.run(
        counts.read,
        counts.imported,
        counts.duplicates,
        counts.rejected,
        cursor === null ? null : JSON.stringify(cursor),
        id,
      )
    },
    finish(id: number, state: Source['state'], sha256: string | null): void {
      finish.run(state, sha256, id)
    },
    /** Whether an earlier import read the very same file to its end. */
    hasTwin: (id: number, sha256: string, name: string): boolean => twin.get(id, sha256, name) !== undefined,
    remove: (id: number): void => void remove.run(id),
    addReject(sourceId: number, reject: PreparedReject): void {
      addReject.run(
        sourceId,
        reject.code,
        reject.message,
        reject.row,
        reject.line,
        reject.offset,
        reject.traces,
        reject.raw,
      )
    },
    rejects: (sourceId: number | undefined, after: number, limit: number): StoredReject[] =>
      rejects.all(after, sourceId ?? null, sourceId ?? null, limit).map(toReject),
    reject(id: number): StoredReject | null {
      const raw = rejectById.get(id)
      return raw === undefined ? null : toReject(raw)
    },
    rejectIds: (): number[] => rejectIds.all(),
    /** Puts what was found in trying again in the place of what was stored; it stays where it was. */
    replaceReject(id: number, { code, message, traces, raw }: PreparedReject): void {
      replaceReject.run(code, message, traces, raw, id)
    },
    dropReject: (id: number): void => void dropReject.run(id),
    runs: (): Run[] =>
      runs.all().map((run) => ({ ...run, checkpoints: JSON.parse(run.checkpoints) as (number | null)[] })),
  }

  function map(raw: Raw | undefined): SourceRow | null {
    return raw === undefined ? null : toSource(raw)
  }
}

interface RejectRaw {
  id: number
  source_id: number
  file: string
  code: string
  message: string
  row: number
  line: number | null
  byte_offset: number | null
  traces: number
  raw: Buffer
}

export type StoredReject = Omit<RejectRow, 'raw'> & { traces: number; raw: Buffer }

function toReject(raw: RejectRaw): StoredReject {
  return {
    id: raw.id,
    sourceId: raw.source_id,
    file: raw.file,
    code: raw.code,
    message: raw.message,
    line: raw.line,
    row: raw.row,
    offset: raw.byte_offset,
    traces: raw.traces,
    raw: raw.raw,
  }
}
