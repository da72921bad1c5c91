/**
 * `npm run bench classify [-- --model cairn-fast --traces 20000 --models FOLDER]`: steps/s of a whole classification
 * (read, segment, tokenise or featurise, infer, count, store) against a bare loop of the same model on the same texts
 * in the same run: segmenting, tokenising or featurising, inferring, in as many processes.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, localClient } from '#engine/create-engine.ts'
import { loadClassifier } from '#engine/inference/classifier.ts'
import { findModel } from '#engine/inference/models.ts'
import { installPaths } from '#engine/install-paths.ts'
import { SHARED_DATA } from '../unit/shared-data.ts'

const RUNS = ['base_8b', 'sft_lora', 'rft', 'dpo', 'grpo']
/** Traces of a batch: about as many as the engine gives a model at once. */
const BATCH: Readonly<Record<string, number>> = { 'cairn-fast': 200, 'cairn-accurate': 30 }

interface Trace {
  prompt: string
  response: string
}

export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      model: { type: 'string', default: 'cairn-fast' },
      traces: { type: 'string' },
      models: { type: 'string', default: installPaths().modelsDir },
    },
  })
  const { model, models } = values
  const traces = texts(Number(values.traces ?? (model === 'cairn-fast' ? 20_000 : 2_000)))
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    const modelDir = findModel([models], model).path
    const { info, release } = await loadClassifier({ modelDir, device: 'cpu', threads: null })
    await release()
    const bare = await bareLoops(traces, modelDir, info.processes, BATCH[model] ?? 30, folder)
    const whole = await wholeJob(traces, model, models, folder)
    for (const [name, { steps, seconds }] of Object.entries({ bare, whole }))
      console.log(
        `${name.padEnd(6)} ${(steps / seconds).toFixed(0).padStart(7)} steps/s (${steps} steps, ${seconds.toFixed(1)} s)`,
      )
    console.log(
      `${info.processes} processes; ratio ${(bare.seconds / whole.seconds).toFixed(2)} × bare loop (goal ≥ 0.7)`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function texts(count: number): Trace[] {
  const rows = RUNS.flatMap((name) =>
    readFileSync(join(SHARED_DATA, 'traces/countdown-runs', name, 'eval_samples.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { prompt: string; raw_generation: string }),
  )
  return Array.from({ length: count }, (_, index) => {
    const { prompt, raw_generation } = rows[Math.floor((index * rows.length) / count) % rows.length]!
    return { prompt, response: `${raw_generation}\n(sample ${index})` }
  })
}

interface Measured {
  steps: number
  seconds: number
}

/** A loop in each of several processes, every one over its share; they begin together once all have loaded. */
async function bareLoops(
  traces: readonly Trace[],
  modelDir: string,
  processes: number,
  batch: number,
  folder: string,
): Promise<Measured> {
  const children = await Promise.all(
    Array.from({ length: processes }, (_, own) => {
      const file = join(folder, `share-${own}.json`)
      writeFileSync(file, JSON.stringify(traces.filter((_, index) => index % processes === own)))
      const child = fork(join(import.meta.dirname, 'bare-loop.ts'), [modelDir, file, String(batch)], {
        env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
      })
      return new Promise<typeof child>((resolve, reject) => {
        child.once('message', () => resolve(child))
        child.once('error', reject)
      })
    }),
  )
  const started = performance.now()
  const steps = await Promise.all(
    children.map((child) => {
      child.send('go')
      return new Promise<number>((resolve) => child.once('message', (done) => resolve(done as number)))
    }),
  )
  const seconds = (performance.now() - started) / 1000
  for (const child of children) child.disconnect()
  return { steps: steps.reduce((sum, own) => sum + own, 0), seconds }
}

async function wholeJob(
  traces: readonly Trace[],
  model: string,
  modelsDir: string,
  folder: string,
): Promise<Measured> {
  const { entries, version } = installPaths()
  const engine = createEngine({ workspace: join(folder, 'ws'), create: true, entries, modelsDir, version })
  try {
    const client = localClient(engine)
    const file = join(folder, 'rollouts.jsonl')
    writeFileSync(file, traces.map((trace, index) => JSON.stringify({ id: index, ...trace })).join('\n'))
    await client.call('jobs.wait', { id: (await client.call('imports.start', { paths: [file] })).id })
    await client.call('models.provider', { model, device: 'cpu' })
    const started = performance.now()
    const { id } = await client.call('classify.start', { model, device: 'cpu' })
    const job = await client.call('jobs.wait', { id })
    const seconds = (performance.now() - started) / 1000
    if (job.state !== 'done') throw new Error(job.error?.message ?? job.state)
    return { steps: (job.result as { steps: number }).steps, seconds }
  } finally {
    await engine.close()
  }
}
