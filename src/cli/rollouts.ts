import type { Device, ModelRunResult } from '#shared/contract/classify.ts'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { TraceDetail } from '#shared/contract/traces.ts'
import type { EngineClient } from '#engine/create-engine.ts'
import { EXIT } from './exit-codes.ts'
import {
  failureExit,
  importReport,
  isUnclean,
  noteImport,
  toImportInput,
  type ImportFlags,
  type ImportReport,
} from './import-options.ts'
import { noteUnread } from './model-run.ts'
import { createProgress } from './progress.ts'
import { follow } from './session.ts'

/** Traces listed at a time. */
const PAGE = 500
/** Rejected records that are told of. */
const SHOWN = 3

/** Imports rollout files into a workspace that is kept only for one command, and tells what was read. */
export async function importRollouts(
  client: EngineClient,
  files: string[],
  flags: ImportFlags,
): Promise<ImportReport> {
  const started = await client.call('imports.start', toImportInput(files, flags))
  const report = importReport(await follow(client, started, 'Importing'))
  const rejects = report.rejected > 0 ? await client.call('imports.rejects', { limit: SHOWN }) : []
  const hint = rejects.map(({ file, line, row, message }) => `\n  ${file}:${line ?? `row ${row}`} ${message}`)
  noteImport(report, hint.join(''))
  return report
}

/** Classifies every trace of the workspace, with the quick model unless another is named; tells of what it could not read. */
export async function classifyRollouts(
  client: EngineClient,
  { device, model = 'cairn-fast' }: { device?: Device; model?: string },
): Promise<ModelRunResult> {
  const where = { model, ...(device !== undefined && { device }) }
  const job = await follow(client, await client.call('classify.start', where), 'Classifying')
  const ran = job.result as unknown as ModelRunResult
  noteUnread(ran)
  return ran
}

/** Every trace of a selection, all of the workspace by default, whole, in the order of import, with progress. */
export async function* everyTrace(
  client: EngineClient,
  label: string,
  filter: FilterInput = {},
): AsyncGenerator<TraceDetail> {
  const total = await client.call('traces.count', { filter })
  const progress = createProgress(label)
  try {
    for (let offset = 0; offset < total; offset += PAGE) {
      const rows = await client.call('traces.list', { filter, offset, limit: PAGE })
      for (const { id } of rows) yield await client.call('traces.get', { id })
      const done = offset + rows.length
      progress.show({ done, total, unit: 'traces', traces: done, note: '' })
    }
  } finally {
    progress.done()
  }
}

/** Sets the exit code for what could not be read, unless something worse has set it. */
export function exitOnRejects(report: ImportReport, { strict }: ImportFlags): void {
  if (report.failures.length > 0 && report.read === 0) process.exitCode = failureExit(report)
  else if (strict && isUnclean(report)) process.exitCode ??= EXIT.rejected
}
