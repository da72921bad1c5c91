import type { Emit } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { ImportInput, type ImportCounts } from '#shared/contract/imports.ts'
import { CairnError } from '#shared/errors.ts'
import type { Client } from '#shared/rpc/client.ts'
import type { Db } from '../db/connection.ts'
import type { createTraceWriter } from '../db/ingest.ts'
import type { SourceStore } from '../db/sources.ts'
import type { PreparedBatch, reader } from '../importers/reader.ts'
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
  /** Replaces a stored reject by what its record became, in one transaction. */
  const retryOne = db.transaction(
    (
      id: number,
      sourceId: number,
      was: number,
      { traces, rejects }: Pick<PreparedBatch, 'traces' | 'rejects'>,
    ): ImportCounts => {
      const counts: ImportCounts = { read: 0, imported: 0, duplicates: 0, rejected: 0 }
      sources.dropReject(id)
      for (const trace of traces) {
        if (writer.insert(trace, sourceId)) counts.imported++
        else counts.duplicates++
      }
      for (const reject of rejects) {
        sources.addReject(sourceId, reject)
        counts.rejected += reject.traces
      }
      counts.read = counts.imported + counts.duplicates + counts.rejected
      sources.advance(sourceId, { ...counts, read: counts.read - was, rejected: counts.rejected - was }, null)
      const { state, sha256, counts: left } = sources.get(sourceId)!
      // A file that is still being imported, or broke off, is not complete for lack of rejects.
      if (state === 'partial' && left.rejected === 0) sources.finish(sourceId, 'complete', sha256)
      return counts
    },
  )

  return {
    'imports.rejects': ({ sourceId, after, limit }) =>
      sources.rejects(sourceId, after, limit).map(({ traces: _traces, raw, message, ...row }) => ({
        ...row,
        message: withoutCode(message),
        raw: raw.toString(),
      })),

    async 'imports.retry'({ ids, replacements }) {
      const mended = new Map(replacements.map(({ id, text }) => [id, text]))
      const chosen = ids ?? (mended.size > 0 ? [...mended.keys()] : allRejects(sources))
      const total: ImportCounts = { read: 0, imported: 0, duplicates: 0, rejected: 0 }
      const client = startReader()
      try {
        for (const id of chosen) {
          const reject = sources.reject(id)
          const source = reject && sources.get(reject.sourceId)
          if (reject === null || source === null)
            throw new CairnError('not_found', `There is no rejected record ${id}.`)
          const result = await client.call('reread', {
            bytes: mendedBytes(mended.get(id)) ?? reject.raw,
            file: source.name,
            shape: source.shape,
            mapping: source.mapping,
            run: source.run ?? source.name,
            checkpoint: source.checkpoint,
            overrides: overridesOf(ImportInput.parse(jobs.input(source.jobId)), source.name)!,
            at: { line: reject.line, row: reject.row, offset: reject.offset },
          })
          const counts = retryOne(id, source.id, reject.traces, result)
          for (const key of Object.keys(total) as (keyof ImportCounts)[]) total[key] += counts[key]
        }
      } finally {
        client.close()
      }
      if (total.imported > 0) emit('traces.changed', { reason: 'import' })
      return total
    },
  }
}

function mendedBytes(text: string | undefined): Uint8Array | null {
  return text === undefined ? null : Buffer.from(text)
}

function allRejects(sources: SourceStore): number[] {
  const ids: number[] = []
  for (let after = 0; ;) {
    const page = sources.rejects(undefined, after, 1000)
    if (page.length === 0) return ids
    ids.push(...page.map(({ id }) => id))
    after = page.at(-1)!.id
  }
}
