import { Worker } from 'node:worker_threads'
import type { Emit } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { ImportInput, type FilePreview, type ImportCounts } from '#shared/contract/imports.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import { workerChannel } from '../channels.ts'
import type { Clock } from '../clock.ts'
import { typedDbError, type Db } from '../db/connection.ts'
import { createTraceWriter } from '../db/ingest.ts'
import type { SourceStore } from '../db/sources.ts'
import type { Overrides, PlannedFile, PreparedBatch, reader } from '../importers/reader.ts'
import type { JobContext, Jobs } from './jobs.ts'

interface Deps {
  db: Db
  path: string
  sources: SourceStore
  jobs: Jobs
  emit: Emit
  clock: Clock
  /** Entry of the import thread. */
  readerEntry: string
  tempDir: string
}

type Reader = Client<typeof reader, object>

/** Imports files: reading happens on a thread of its own, writing here, in short transactions. */
export function createImports({ db, path, sources, jobs, emit, clock, readerEntry, tempDir }: Deps) {
  const writer = createTraceWriter(db)

  const startReader = (paths: readonly string[] = []): Reader => {
    const wantsInput = paths.includes('-')
    const worker = new Worker(readerEntry, {
      workerData: { tempDir },
      stdin: wantsInput,
      // V8 would let the young generation grow to tens of megabytes for strings that live a moment.
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    })
    if (wantsInput) process.stdin.pipe(worker.stdin!)
    return connect<typeof reader, object>(workerChannel(worker))
  }

  const store = db.transaction((batch: PreparedBatch, sourceId: number): ImportCounts => {
    const counts: ImportCounts = { read: 0, imported: 0, duplicates: 0, rejected: 0 }
    for (const trace of batch.traces) {
      if (writer.insert(trace, sourceId)) counts.imported++
      else counts.duplicates++
    }
    for (const reject of batch.rejects) {
      sources.addReject(sourceId, reject)
      counts.rejected += reject.traces
    }
    counts.read = counts.imported + counts.duplicates + counts.rejected
    sources.advance(sourceId, counts, batch.cursor)
    return counts
  })

  const importFile = async (
    client: Reader,
    index: number,
    file: PlannedFile,
    overrides: Overrides,
    { jobId, signal, report }: JobContext,
    before: { bytes: number; traces: number },
  ): Promise<void> => {
    const known = sources.find(jobId, file.name)
    if (known !== null && known.state !== 'importing') return
    if (known !== null && known.bytes !== file.bytes)
      throw new CairnError(
        'source_changed',
        `${file.name} has changed since its import was interrupted (${known.bytes} bytes then, ${file.bytes} now). What was imported is kept; import the file anew to add the rest.`,
        { file: file.name },
      )
    const opened = await client.call('open', { index, overrides, cursor: known?.cursor ?? null })
    const sourceId =
      known?.id ??
      sources.add(jobId, {
        name: file.name,
        path: file.path,
        bytes: file.bytes,
        container: opened.container,
        shape: opened.shape,
        mapping: opened.mapping,
        run: opened.run,
        checkpoint: opened.checkpoint,
        importedAt: clock.now(),
      })
    let traces = before.traces
    // The next batch is being read while this one is written.
    let upcoming = client.call('next', {})
    for (;;) {
      const batch = await upcoming
      if (batch === null) break
      if (signal.aborted) return
      upcoming = client.call('next', {})
      upcoming.catch(() => undefined)
      const counts = store(batch, sourceId)
      traces += counts.imported
      report({ done: before.bytes + batch.bytes, traces, note: file.name })
      // Lets requests from the window in between two batches.
      await new Promise(setImmediate)
    }
    const sha256 = await client.call('fingerprint', { index })
    const { counts } = sources.get(sourceId)!
    sources.finish(sourceId, counts.rejected > 0 ? 'partial' : 'complete', sha256)
    before.traces = traces
  }

  const run = async (input: Json, context: JobContext): Promise<Json> => {
    const { paths, ...given } = ImportInput.parse(input)
    const overrides = toOverrides(given)
    const client = startReader(paths)
    const stop = () => {
      client.close()
    }
    context.signal.addEventListener('abort', stop)
    const failures: { file: string; code: string; message: string }[] = []
    try {
      const { files, skipped } = await client.call('plan', { paths })
      const total = files.reduce((sum, file) => sum + file.bytes, 0)
      const before = { bytes: 0, traces: 0 }
      context.report({ total, unit: 'bytes' })
      for (const [index, file] of files.entries()) {
        try {
          await importFile(client, index, file, overrides, context, before)
        } catch (thrown) {
          if (context.signal.aborted) break
          const error = importError(thrown, file)
          // A file that cannot be read costs that file; a store that cannot be written costs the job.
          if (!isFileError(error)) throw error
          failures.push({ file: file.name, code: error.code, message: error.message })
          const source = sources.find(context.jobId, file.name)
          if (source !== null) sources.finish(source.id, 'failed', null)
        }
        if (context.signal.aborted) break
        before.bytes += file.bytes
        context.report({ done: before.bytes })
      }
      return summarise(sources, context.jobId, failures, skipped)
    } finally {
      context.signal.removeEventListener('abort', stop)
      client.close()
      emit('traces.changed', { reason: 'import' })
    }
  }

  jobs.register('import', run)

  /** A thread that ended by itself ran out of memory, or worse: say so, not that a connection was lost. */
  const importError = (thrown: unknown, file: PlannedFile): CairnError => {
    const error = toCairnError(typedDbError(thrown, path))
    if (error.code !== 'disconnected') return error
    return new CairnError(
      'import_crashed',
      `The thread that reads ${file.name} ended unexpectedly. What was imported is kept; resume the job to go on, with more memory if this repeats.`,
      { file: file.name },
      { cause: thrown },
    )
  }

  const handlers: Pick<
    ApiHandlers,
    'imports.start' | 'imports.preview' | 'imports.rejects' | 'imports.retry'
  > = {
    'imports.start': (input) => jobs.start('import', input as unknown as Json),

    async 'imports.preview'({ paths, records, ...given }) {
      const client = startReader(paths)
      try {
        const { files, skipped } = await client.call('plan', { paths })
        const overrides = toOverrides(given)
        const previews: FilePreview[] = []
        for (const index of files.keys())
          previews.push(await client.call('preview', { index, overrides, records }))
        return { files: previews, skipped }
      } finally {
        client.close()
      }
    },

    'imports.rejects': ({ sourceId, after, limit }) =>
      sources
        .rejects(sourceId, after, limit)
        .map(({ traces: _traces, raw, ...row }) => ({ ...row, raw: raw.toString() })),

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
            overrides: toOverrides(ImportInput.parse(jobs.input(source.jobId))),
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

  return { handlers }
}

function toOverrides({ run, checkpoint, shape, mapping }: Omit<ImportInput, 'paths'>): Overrides {
  return { run: run ?? null, checkpoint: checkpoint ?? null, shape: shape ?? null, mapping: mapping ?? null }
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

function isFileError(error: CairnError): boolean {
  return ['input_unreadable', 'format_unknown', 'mapping_invalid', 'source_changed'].includes(error.code)
}

function summarise(
  sources: SourceStore,
  jobId: number,
  failures: { file: string; code: string; message: string }[],
  skipped: { name: string; reason: string }[],
): Json {
  const total: ImportCounts = { read: 0, imported: 0, duplicates: 0, rejected: 0 }
  const files: Json[] = []
  for (const source of sources.ofJob(jobId)) {
    for (const key of Object.keys(total) as (keyof ImportCounts)[]) total[key] += source.counts[key]
    files.push({ file: source.name, shape: source.shape, container: source.container, ...source.counts })
    // The same file imported before: nothing new came of it, so no second source is shown for it.
    if (
      source.sha256 !== null &&
      source.counts.imported === 0 &&
      sources.hasTwin(source.id, source.sha256, source.name)
    )
      sources.remove(source.id)
  }
  return { ...total, files, failures, skipped }
}
