import { once } from 'node:events'
import {
  appendFileSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createEngine, localClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { checkDataset } from '#engine/services/curate-check.ts'
import type { CurateResult } from '#shared/contract/recipes.ts'
import { DEFAULTS, generateCountdown, type GeneratedRow } from '#shared/domain/generate/index.ts'

const ROWS = 50_000
/** Traces that are really generated; the others are these with another problem number in prompt and text. */
const GENERATED = 2500

const RECIPES: readonly [name: string, text: string][] = [
  ['every trace, plain JSONL', 'recipe: 1\nname: all\n'],
  [
    'every trace, verl Parquet, split by prompt',
    'recipe: 1\nname: all\nsplit: { validation: 0.05 }\noutput: { format: verl_query, container: parquet }\n',
  ],
  [
    'filters, strata, transforms, TRL messages',
    'recipe: 1\nname: strata\nfilters:\n- correct: true\n- answered: true\n- behaviours: { verification: { min: 1 } }\n- unique: response\ntransforms:\n- think: normalise\nsample: { by: [behaviours], balance: equal_rows }\nsplit: { validation: 0.05 }\noutput: { format: trl_messages }\n',
  ],
  ['near duplicates out', 'recipe: 1\nname: near\nfilters:\n- unique: { near: 0.9 }\n'],
]

/**
 * `npm run bench curate`: generating traces, and 50,000 of them through recipes: rows a second, processor time, memory,
 * beside a bare loop that parses the same lines and writes prompt and response.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    const file = join(folder, 'traces.jsonl')
    const generating = stopwatch()
    const traces = [...generateCountdown({ ...DEFAULTS, count: GENERATED, seed: 'bench' })]
    const made = generating()
    console.log(
      `generate: ${GENERATED} traces in ${seconds(made)} (${Math.round((GENERATED / made.wall) * 60)} a minute)`,
    )
    writeTraces(file, traces)
    const bare = await bareLoop(file, join(folder, 'bare.jsonl'))
    console.log(`bare loop, parse and write: ${ROWS} rows in ${seconds(bare)}`)
    const { entries, modelsDir, version } = installPaths()
    const engine = createEngine({
      workspace: join(folder, 'workspace'),
      create: true,
      entries,
      modelsDir,
      version,
    })
    const client = localClient(engine)
    try {
      const imported = await client.call('imports.start', { paths: [file] })
      await client.call('jobs.wait', { id: imported.id })
      console.log(`${await client.call('traces.count', {})} traces, ${megabytes(statSync(file).size)} MB\n`)
      for (const [at, [name, text]] of RECIPES.entries()) {
        const path = join(folder, `set-${at}`)
        globalThis.gc?.()
        const before = process.memoryUsage.rss()
        let peak = before
        const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20)
        const watching = stopwatch()
        const job = await client.call('curate.start', { text, path })
        const done = await client.call('jobs.wait', { id: job.id })
        const took = watching()
        clearInterval(watch)
        if (done.state !== 'done') throw new Error(`${name}: ${done.error?.message ?? done.state}`)
        const { rows, files } = done.result as unknown as CurateResult
        const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
        console.log(
          `${name}: ${rows} rows in ${seconds(took)} (${Math.round(ROWS / took.wall)} traces/s), ${(took.processor / bare.processor).toFixed(1)} times the bare loop's, ${megabytes(bytes)} MB written, memory +${megabytes(peak - before)} MB`,
        )
      }
      const checking = stopwatch()
      const report = await checkDataset(join(folder, 'set-0'))
      console.log(`check: ${report.rows} rows in ${seconds(checking())}, ${report.findings.length} findings`)
    } finally {
      await engine.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Time {
  /** Seconds by the clock, and of processor time in all threads of the process. */
  readonly wall: number
  readonly processor: number
}

/** Starts a watch; the returned function reads it. */
function stopwatch(): () => Time {
  const started = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { wall: (performance.now() - started) / 1000, processor: (user + system) / 1e6 }
  }
}

const seconds = ({ wall, processor }: Time): string =>
  `${wall.toFixed(1)} s, ${processor.toFixed(1)} s of processor time`

async function bareLoop(from: string, to: string): Promise<Time> {
  const read = stopwatch()
  const out = createWriteStream(to)
  for await (const line of createInterface({ input: createReadStream(from) })) {
    const { prompt, text } = JSON.parse(line) as { prompt: string; text: string }
    if (!out.write(`${JSON.stringify({ prompt, completion: text })}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  return read()
}

function writeTraces(path: string, rows: readonly GeneratedRow[]): void {
  writeFileSync(path, '')
  for (let copy = 0; copy < ROWS / GENERATED; copy++)
    appendFileSync(
      path,
      rows
        .map((row) => {
          const mark = ` (problem ${copy})`
          return `${JSON.stringify({ ...row, id: `${row.id}-${copy}`, prompt: row.prompt + mark, text: row.text + mark, tree: [] })}\n`
        })
        .join(''),
    )
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)
