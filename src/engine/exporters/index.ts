import { rm } from 'node:fs/promises'
import type { ExportContainer, ExportFormat } from '#shared/contract/exports.ts'
import type { OffsetUnit } from '#shared/domain/offsets.ts'
import { CairnError } from '#shared/errors.ts'
import { createAtomicFile, type AtomicFile, type OpenFile } from './atomic.ts'
import { createJsonlWriter } from './jsonl.ts'
import { createLayout, type Layout } from './layouts.ts'
import { createTally, manifestPath, manifestText, type ManifestFacts } from './manifest.ts'
import { createParquetWriter } from './parquet.ts'
import type { RowWriter, Sink } from './row-writer.ts'
import type { ExportTrace } from './types.ts'

export interface ExportOptions {
  traces: AsyncIterable<readonly ExportTrace[]>
  format: ExportFormat
  container: ExportContainer
  path: string
  offsetUnit: OffsetUnit
  overwrite: boolean
  manifest: ManifestFacts
  signal?: AbortSignal
  /** Called after every batch of traces. */
  onProgress?: (progress: { rows: number; bytes: number }) => void
  /** How files are opened; for tests of failing disks. */
  open?: OpenFile
}

/** What was written. */
export interface ExportResult {
  rows: number
  /** Of the exported file, hex. */
  sha256: string
  bytes: number
}

/**
 * Writes traces to one file, in one pass and with bounded memory, and its manifest beside it
 * (`<path>.manifest.json`). Both appear whole at the end or, after an error or a cancel, not at all;
 * the same traces and options give the same bytes.
 *
 * @throws CairnError `output_exists`, `output_unwritable`, `disk_full`, `cancelled`
 */
export async function exportTraces(options: ExportOptions): Promise<ExportResult> {
  const { path, overwrite, open } = options
  const fileOptions = { overwrite, ...(open && { open }) }
  throwIfCancelled(options.signal)
  const opened: AtomicFile[] = []
  try {
    const file = await createAtomicFile(path, fileOptions)
    opened.push(file)
    const manifest = await createAtomicFile(manifestPath(path), fileOptions)
    opened.push(manifest)

    const tally = createTally()
    const rows = await writeRows(options, file, (trace) => tally.add(trace))
    const output = await file.close()
    const text = manifestText(options, options.manifest, tally, { rows, ...output })
    await manifest.write(Buffer.from(text, 'utf8'))
    await manifest.close()

    throwIfCancelled(options.signal)
    await file.commit()
    try {
      await manifest.commit()
    } catch (error) {
      // A new file does not stay without its manifest; a replaced one cannot be brought back.
      if (!overwrite) await rm(path, { force: true })
      throw error
    }
    return { rows, ...output }
  } finally {
    for (const file of opened) await file.abort()
  }
}

async function writeRows(
  { traces, format, container, offsetUnit, signal, onProgress }: ExportOptions,
  file: AtomicFile,
  onTrace: (trace: ExportTrace) => void,
): Promise<number> {
  let rows = 0
  let bytes = 0
  const sink: Sink = async (chunk) => {
    throwIfCancelled(signal)
    await file.write(chunk)
    bytes += chunk.length
  }
  const layout = createLayout(format, container, offsetUnit)
  const writer = createWriter(container, sink, layout, {
    'cairn.format': format,
    'cairn.offset_unit': offsetUnit,
  })
  for await (const batch of traces) {
    for (const trace of batch) {
      onTrace(trace)
      await writer.write(layout.row(trace))
      rows++
    }
    throwIfCancelled(signal)
    onProgress?.({ rows, bytes })
  }
  await writer.finish()
  return rows
}

function createWriter(
  container: ExportContainer,
  sink: Sink,
  layout: Layout,
  facts: Readonly<Record<string, string>>,
): RowWriter {
  return container === 'jsonl' ? createJsonlWriter(sink) : createParquetWriter(sink, layout.columns, facts)
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CairnError('cancelled', 'The export was cancelled; nothing was written')
}
