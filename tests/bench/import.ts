/**
 * `npm run bench import [-- --mb 200]`: MB/s and traces/s of a whole import (detection, mapping,
 * identity, deduplication, prompts, metadata, full-text index, source hash) against a baseline that does
 * JSON.parse per line and inserts raw rows with FTS5 in batched transactions, in the same run.
 * Peak memory is the whole process's, measured in a process of its own.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { createEngine, localClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { SHARED_DATA } from '../unit/shared-data.ts'

const RUNS = ['base_8b', 'sft_lora', 'rft', 'dpo', 'grpo']

interface Measured {
  seconds: number
  traces: number
  peakMb: number
}

export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { mb: { type: 'string', default: '200' } },
  })
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    const file = join(folder, 'rollouts.jsonl')
    const traces = await generate(file, Number(values.mb) * 1e6)
    const mb = statSync(file).size / 1e6
    console.log(`${mb.toFixed(0)} MB, ${traces} traces from ${RUNS.length} Countdown runs`)
    const baseline = await inProcess('baseline', file, join(folder, 'baseline.db'))
    const cairn = await inProcess('cairn', file, join(folder, 'workspace'))
    for (const [name, { seconds, traces: n, peakMb }] of Object.entries({ baseline, cairn }))
      console.log(
        `${name.padEnd(9)} ${(mb / seconds).toFixed(1).padStart(7)} MB/s ${(n / seconds).toFixed(0).padStart(7)} traces/s  peak ${peakMb.toFixed(0)} MB  (${n} traces, ${seconds.toFixed(1)} s)`,
      )
    console.log(
      `ratio     ${(baseline.seconds / cairn.seconds).toFixed(2)} × baseline (goal ≥ 0.6), peak goal < 400 MB`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Real rows over and over, each with an id and a line of its own, so that none is a duplicate. */
async function generate(file: string, bytes: number): Promise<number> {
  const rows = RUNS.flatMap((name) =>
    readFileSync(join(SHARED_DATA, 'traces/countdown-runs', name, 'eval_samples.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  )
  const out = createWriteStream(file)
  let written = 0
  let traces = 0
  while (written < bytes) {
    const row = rows[traces % rows.length]!
    const copy = Math.floor(traces / rows.length)
    const line = `${JSON.stringify({ ...row, id: `${String(row['id'])}-${traces}`, raw_generation: `${String(row['raw_generation'])}\n(sample ${copy})` })}\n`
    written += Buffer.byteLength(line)
    traces++
    if (!out.write(line)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  return traces
}

async function inProcess(what: string, file: string, target: string): Promise<Measured> {
  const child = fork(import.meta.filename, [what, file, target], { stdio: 'inherit' })
  const [measured] = (await once(child, 'message')) as [Measured]
  return measured
}

async function baseline(file: string, target: string): Promise<number> {
  const db = new Database(target)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec(`CREATE TABLE rows (id INTEGER PRIMARY KEY, prompt TEXT, response TEXT, raw TEXT);
    CREATE VIRTUAL TABLE rows_fts USING fts5 (prompt, response, content = 'rows', content_rowid = 'id')`)
  const insert = db.prepare('INSERT INTO rows (prompt, response, raw) VALUES (?, ?, ?)')
  const index = db.prepare('INSERT INTO rows_fts (rowid, prompt, response) VALUES (?, ?, ?)')
  let traces = 0
  const write = db.transaction((lines: string[]) => {
    for (const line of lines) {
      const { prompt, raw_generation: response } = JSON.parse(line) as {
        prompt: string
        raw_generation: string
      }
      const { lastInsertRowid } = insert.run(prompt, response, line)
      index.run(lastInsertRowid, prompt, response)
      traces++
    }
  })
  let lines: string[] = []
  for await (const line of createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })) {
    lines.push(line)
    if (lines.length === 1000) {
      write(lines)
      lines = []
    }
  }
  write(lines)
  db.close()
  return traces
}

async function cairn(file: string, workspace: string): Promise<number> {
  const { entries, modelsDir, version } = installPaths()
  const engine = createEngine({ workspace, create: true, entries, modelsDir, version })
  const client = localClient(engine)
  const { id } = await client.call('imports.start', { paths: [file] })
  const job = await client.call('jobs.wait', { id })
  if (job.state !== 'done') throw new Error(`import ${job.state}: ${job.error?.message ?? ''}`)
  await engine.close()
  return (job.result as { imported: number }).imported
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  const [what, file, target] = process.argv.slice(2) as [string, string, string]
  const started = performance.now()
  const traces = await (what === 'cairn' ? cairn : baseline)(file, target)
  const seconds = (performance.now() - started) / 1000
  process.send({ seconds, traces, peakMb: process.resourceUsage().maxRSS / 1024 } satisfies Measured)
  process.disconnect()
}
