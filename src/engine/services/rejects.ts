import type { Emit } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { ImportInput, type ImportCounts } from '#shared/contract/imports.ts'
import { CairnError } from '#shared/errors.ts'
import type { Client } from '#shared/rpc/client.ts'
import type { Db } from '../db/connection.ts'
import type { createTraceWriter } from '../db/ingest.ts'
import { createRejectMerge } from '../db/merge-rejects.ts'
import type { SourceStore, StoredReject } from '../db/sources.ts'
import type { PreparedBatch, reader } from '../importers/reader.ts'
import { shapeById } from '../importers/shapes/index.ts'
import { RAW_LIMIT, type ContainerName } from '../importers/types.ts'
import { overridesOf, withoutCode } from './import-overrides.ts'
import type { Jobs } from './jobs.ts'

interface Deps {
  db: Db
  sources: SourceStore
  writer: ReturnType<typeof createTraceWriter>
  jobs: Jobs
  emit: Emit
  startReader: () => Client<typeof reader, object>
}

/** Records that could not be imported: what they are, and trying them again. */
export function createRejects({
  db,
  sources,
  writer,
  jobs,
  emit,
  startReader,
}: Deps): Pick<ApiHandlers, 'imports.rejects' | 'imports.retry'> {
  const merge = createRejectMerge(db)

  /** Puts what a record became in the place of its reject, in one transaction. */
  const settle = db.transaction(
    (id: number, { traces, rejects: [left] }: Pick<PreparedBatch, 'traces' | 'rejects'>): ImportCounts => {
      const counts: ImportCounts = { read: 0, imported: 0, duplicates: 0, rejected: left?.traces ?? 0 }
      const reject = sources.reject(id)
      // Somebody else tried it at the same time, and it is settled.
      if (reject === null) return { ...counts, rejected: 0 }
      const { sourceId, traces: was } = reject
      // What a record before it made of this one is not known here: whether the response is there already is.
      const remembers = shapeById(sources.get(sourceId)!.shape)?.remembers ?? false
      for (const trace of traces)
        if (!(remembers && writer.has(trace, sourceId)) && writer.insert(trace, sourceId)) counts.imported++
      const known = traces.length - counts.imported
      // What is known beyond what the reject counted for was counted when the file was read.
      counts.duplicates = Math.min(known, Math.max(0, was - counts.imported - counts.rejected))
      counts.read = counts.imported + counts.duplicates + counts.rejected
      if (left === undefined) sources.dropReject(id)
      else sources.replaceReject(id, left)
      sources.advance(sourceId, { ...counts, read: counts.read - was, rejected: counts.rejected - was }, null)
      const { state, sha256, counts: now } = sources.get(sourceId)!
      // A file that is still being imported, or broke off, is not complete for lack of rejects.
      if (state === 'partial' && now.rejected === 0) sources.finish(sourceId, 'complete', sha256)
      return counts
    },
  )

  /** Null when that changed nothing. */
  const tryAgain = async (
    client: Client<typeof reader, object>,
    reject: StoredReject,
    text: string | null,
  ): Promise<ImportCounts | null> => {
    if (text === null && isCut(reject)) return null
    const source = sources.get(reject.sourceId)!
    const made = await client.call('reread', {
      raw: reject.raw,
      mended: text === null ? null : Buffer.from(text),
      traces: reject.traces,
      container: source.container as ContainerName,
      file: source.name,
      shape: source.shape,
      mapping: source.mapping,
      run: source.run ?? source.name,
      checkpoint: source.checkpoint,
      overrides: overridesOf(ImportInput.parse(jobs.input(source.jobId)), source.name)!,
      at: { line: reject.line, row: reject.row, offset: reject.offset },
    })
    return made === null ? null : settle(reject.id, made)
  }

  /**
   * Finds rejects of one call; those that hold one record are made one, the first time their source is met. It is
   * forgotten with the call: the store gives the ids of rejects that went to new ones.
   */
  const createFind = () => {
    const merged = new Map<number, number>()
    const met = new Set<number>()
    return (id: number): StoredReject => {
      const reject = sources.reject(merged.get(id) ?? id)
      if (reject === null) throw new CairnError('not_found', `There is no rejected record ${id}.`)
      if (met.has(reject.sourceId)) return reject
      met.add(reject.sourceId)
      for (const [gone, kept] of merge(reject.sourceId)) merged.set(gone, kept)
      return sources.reject(merged.get(id) ?? id)!
    }
  }

  return {
    'imports.rejects': ({ sourceId, after, limit }) =>
      sources.rejects(sourceId, after, limit).map((reject) => {
        const { traces: _traces, raw, message, ...row } = reject
        const told = withoutCode(message) + (holdsRecord(reject) ? '' : ` ${NOT_HERE}`)
        return { ...row, message: told, raw: raw.toString() }
      }),

    async 'imports.retry'({ ids, replacements }) {
      const texts = new Map(replacements.map(({ id, text }) => [id, text]))
      // All are looked up before the first is tried, so that a wrong one stops nothing half done.
      const tries = new Map<number, string[]>()
      const find = createFind()
      for (const id of ids ?? (texts.size > 0 ? texts.keys() : sources.rejectIds())) {
        const reject = find(id)
        const text = mendedText(reject, texts.get(id))
        tries.set(reject.id, [...(tries.get(reject.id) ?? []), ...(text === null ? [] : [text])])
      }
      const total: ImportCounts = { read: 0, imported: 0, duplicates: 0, rejected: 0 }
      const client = startReader()
      let changed = false
      try {
        for (const [id, mended] of tries) {
          for (const text of mended.length > 0 ? mended : [null]) {
            const reject = sources.reject(id)
            if (reject === null) continue
            const made = await tryAgain(client, reject, text)
            if (made !== null) changed = true
            const { traces } = reject
            const counts = made ?? { read: traces, imported: 0, duplicates: 0, rejected: traces }
            for (const key of Object.keys(total) as (keyof ImportCounts)[]) total[key] += counts[key]
          }
        }
      } finally {
        client.close()
        // Those that were tried before one that broke off are settled.
        if (changed) emit('traces.changed', { reason: 'import' })
      }
      return { ...total, left: [...tries.keys()].filter((id) => sources.reject(id) !== null).length }
    },
  }
}

const NOT_HERE = 'It cannot be mended or tried again here: mend its file and import that again.'

/** Whether a reject is that of one record. Others tell of many rows, of the file's end or of what stands beside its records. */
function holdsRecord({ code, raw, row, traces }: StoredReject): boolean {
  return raw.length > 0 && row >= 0 && traces > 0 && (code !== 'torn_record' || traces === 1)
}

/** Whether what is kept is not all of the record: as it is, it could pass for a shorter one. */
function isCut({ code, raw }: StoredReject): boolean {
  return code === 'torn_record' || code === 'record_too_large' || raw.length >= RAW_LIMIT
}

/** The text somebody mended; null when it is that of the reject, or nothing. */
function mendedText(reject: StoredReject, text: string | undefined): string | null {
  if (text === undefined || text.trim() === '' || text === reject.raw.toString()) return null
  if (!holdsRecord(reject)) throw new CairnError('bad_request', `Rejected record ${reject.id}: ${NOT_HERE}`)
  return text
}
