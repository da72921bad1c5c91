import { mkdtempSync, rmSync, statSync, writeFileSync, appendFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, localClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { checkDataset } from '#engine/services/curate-check.ts'
import type { CurateResult } from '#shared/contract/recipes.ts'
import { DEFAULTS, generateCountdown } from '#shared/domain/generate/index.ts'

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

/** `npm run bench curate`: 50,000 traces through recipes, rows a second and memory. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    const file = join(folder, 'traces.jsonl')
    writeTraces(file)
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
        const started = performance.now()
        const job = await client.call('curate.start', { text, path })
        const done = await client.call('jobs.wait', { id: job.id })
        clearInterval(watch)
        if (done.state !== 'done') throw new Error(`${name}: ${done.error?.message ?? done.state}`)
        const seconds = (performance.now() - started) / 1000
        const { rows, files } = done.result as unknown as CurateResult
        const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
        console.log(
          `${name}: ${rows} rows in ${seconds.toFixed(1)} s (${Math.round(ROWS / seconds)} traces/s), ${megabytes(bytes)} MB written, memory +${megabytes(peak - before)} MB`,
        )
      }
      const started = performance.now()
      const report = await checkDataset(join(folder, 'set-0'))
      console.log(
        `check: ${report.rows} rows in ${((performance.now() - started) / 1000).toFixed(1)} s, ${report.findings.length} findings`,
      )
    } finally {
      await engine.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeTraces(path: string): void {
  const rows = [...generateCountdown({ ...DEFAULTS, count: GENERATED, seed: 'bench' })]
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
