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
import { overridesOf, withoutCode } from './import-overrides.ts'
import { createRejects } from './rejects.ts'
import type { Overrides, PlannedFile, PreparedBatch, reader } from '../importers/reader.ts'
import { SHAPES } from '../importers/shapes/index.ts'
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
    before: { bytes: number; traces: number; skipped: { name: string; reason: string }[] },
  ): Promise<void> => {
    const known = sources.find(jobId, file.name)
    // One that failed before the job was resumed is read on from where it broke off, to fail or not again.
    if (known?.state === 'complete' || known?.state === 'partial') return
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
      for (const reason of batch.passedOver) before.skipped.push({ name: file.name, reason })
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
    const given = ImportInput.parse(input)
    const { paths, base } = given
    const client = startReader(paths)
    const stop = () => {
      client.close()
    }
    context.signal.addEventListener('abort', stop)
    const failures: { file: string; code: string; message: string }[] = []
    try {
      const { files, skipped } = await client.call('plan', { paths, base })
      const total = files.reduce((sum, file) => sum + file.bytes, 0)
      const before = { bytes: 0, traces: 0, skipped }
      context.report({ total, unit: 'bytes' })
      for (const [index, file] of files.entries()) {
        const overrides = overridesOf(given, file.name)
        if (overrides === null) {
          skipped.push({ name: file.name, reason: 'left out by you' })
          before.bytes += file.bytes
          continue
        }
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
    }
  }

  jobs.register('import', run, 'import')

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
    'imports.shapes' | 'imports.start' | 'imports.preview' | 'imports.rejects' | 'imports.retry'
  > = {
    'imports.shapes': () => SHAPES.map(({ id, title }) => ({ id, title })),

    // Files are called as they were named, so relative paths stay: the job may be resumed from another folder.
    'imports.start': (input) => jobs.start('import', { base: process.cwd(), ...input } as unknown as Json),

    async 'imports.preview'({ records, ...given }) {
      const { paths, base } = given
      const client = startReader(paths)
      try {
        const { files, skipped } = await client.call('plan', { paths, base })
        const previews: FilePreview[] = []
        for (const [index, { name }] of files.entries()) {
          // A file that is left out is still shown, so that it can be taken in again.
          const overrides = overridesOf(given, name) ?? overridesOf({ ...given, files: [] }, name)!
          const preview = await client.call('preview', { index, overrides, records })
          previews.push({
            ...preview,
            problem: preview.problem && withoutCode(preview.problem),
            fatal: preview.problem !== null && preview.traces.length === 0,
          })
        }
        return { files: previews, skipped }
      } finally {
        client.close()
      }
    },

    ...createRejects({ db, sources, writer, jobs, emit, startReader }),
  }

  return { handlers }
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
