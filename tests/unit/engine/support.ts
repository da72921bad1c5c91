import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { createEngine, localClient, type Engine, type EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { ExportInput } from '#shared/contract/exports.ts'
import type { ImportCounts, ImportInput } from '#shared/contract/imports.ts'
import type { Job } from '#shared/contract/jobs.ts'

export interface TestEngine {
  workspace: string
  engine: Engine
  client: EngineClient
  close(): Promise<void>
}

/** A temporary folder; the caller removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cairn-test-'))
}

/** An engine on a workspace, made where there is none. */
export function openEngine(workspace: string): TestEngine {
  const { entries, modelsDir, version } = installPaths()
  const engine = createEngine({ workspace, create: true, entries, modelsDir, version })
  return { workspace, engine, client: localClient(engine), close: () => engine.close() }
}

/** Runs work on an engine in a workspace of its own and removes it afterwards. */
export async function withEngine<T>(work: (opened: TestEngine) => Promise<T>): Promise<T> {
  const folder = temporaryFolder()
  const opened = openEngine(join(folder, 'workspace'))
  try {
    return await work(opened)
  } finally {
    await opened.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits for a job and expects it to end as said. */
export async function ended(client: EngineClient, job: Job, state: Job['state'] = 'done'): Promise<Job> {
  const last = await client.call('jobs.wait', { id: job.id })
  if (last.state !== state)
    throw new Error(`job ${job.kind} ended ${last.state}: ${JSON.stringify(last.error)}`)
  return last
}

export interface ImportResult extends ImportCounts {
  files: ({ file: string; shape: string; container: string } & ImportCounts)[]
  failures: { file: string; code: string; message: string }[]
  skipped: { name: string; reason: string }[]
}

export async function importFiles(
  client: EngineClient,
  paths: string[],
  options: Omit<ImportInput, 'paths'> = {},
): Promise<ImportResult> {
  const job = await ended(client, await client.call('imports.start', { paths, ...options }))
  return job.result as unknown as ImportResult
}

export async function classifyAll(client: EngineClient): Promise<void> {
  await ended(client, await client.call('classify.start', { model: 'cairn-fast', device: 'cpu' }))
}

/** Exports and reads the file back; the file stays. */
export async function exportRows<T>(
  client: EngineClient,
  path: string,
  options: Partial<ExportInput> = {},
): Promise<T[]> {
  await ended(
    client,
    await client.call('exports.start', { format: 'traces', overwrite: true, ...options, path }),
  )
  return jsonLines<T>(readFileSync(path, 'utf8'))
}

/** Only a line feed ends a line of JSON Lines; U+2028 may stand inside one. */
export function jsonLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

const SAMPLES = join(import.meta.dirname, '../../../resources/samples')
export const SAMPLE_RUNS = ['base_8b', 'dpo', 'grpo', 'rft', 'sft_lora'] as const

/** The 500 Countdown traces of a run that come with Cairn. */
export function sampleLines(run: (typeof SAMPLE_RUNS)[number]): string[] {
  const file = join(SAMPLES, 'countdown-runs', run, 'eval_samples.jsonl.gz')
  return gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
}

/** Columns that differ between two runs of the same work: times, and which job did it. */
const VOLATILE: Readonly<Record<string, readonly string[]>> = {
  sources: ['job_id', 'imported_at', 'cursor'],
  annotations: ['id', 'at'],
}
const ORDER: Readonly<Record<string, string>> = {
  annotations: 'trace_id, start, "end", behaviour, verdict, annotator, target, note',
  texts: 'trace_id',
  steps: 'trace_id',
  predictions: 'trace_id',
}
const CONTENT = [
  'runs',
  'sources',
  'prompts',
  'traces',
  'texts',
  'models',
  'steps',
  'predictions',
  'annotations',
  'rejects',
]

/** Every row of the content tables as text, in key order, without times and job numbers. */
export function dumpTables(workspace: string, tables: readonly string[] = CONTENT): Record<string, string[]> {
  const db = new Database(join(workspace, 'cairn.db'), { readonly: true })
  try {
    return Object.fromEntries(
      tables.map((table) => {
        const volatile = VOLATILE[table] ?? []
        const rows = db
          .prepare<[], Record<string, unknown>>(`SELECT * FROM ${table} ORDER BY ${ORDER[table] ?? 'id'}`)
          .all()
        return [
          table,
          rows.map((row) =>
            JSON.stringify(row, (key, value: unknown) => (volatile.includes(key) ? undefined : value)),
          ),
        ]
      }),
    )
  } finally {
    db.close()
  }
}

/** One hash per table, for comparing many dumps without keeping them. */
export function tableHashes(workspace: string, tables: readonly string[] = CONTENT): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dumpTables(workspace, tables)).map(([table, rows]) => {
      const hash = createHash('sha256')
      for (const row of rows) hash.update(row).update('\n')
      return [table, `${rows.length} rows ${hash.digest('hex')}`]
    }),
  )
}
