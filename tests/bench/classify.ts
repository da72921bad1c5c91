/**
 * `npm run bench classify [-- --traces 20000]`: steps/s of a whole classification (read, segment,
 * featurise, infer, count, store) against a bare loop of segmenting, featurising and inferring on the
 * same texts in the same run.
 */
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
const BATCH = 200

export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { traces: { type: 'string', default: '20000' } },
  })
  const rows = RUNS.flatMap((name) =>
    readFileSync(join(SHARED_DATA, 'traces/countdown-runs', name, 'eval_samples.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { prompt: string; raw_generation: string }),
  )
  const traces = Array.from({ length: Number(values.traces) }, (_, index) => {
    const { prompt, raw_generation } = rows[index % rows.length]!
    return { prompt, response: `${raw_generation}\n(sample ${index})` }
  })
  const bare = await bareLoop(traces)
  const whole = await wholeJob(traces)
  for (const [name, { steps, seconds }] of Object.entries({ bare, whole }))
    console.log(
      `${name.padEnd(6)} ${(steps / seconds).toFixed(0).padStart(7)} steps/s (${steps} steps, ${seconds.toFixed(1)} s)`,
    )
  console.log(`ratio  ${(bare.seconds / whole.seconds).toFixed(2)} × bare loop (goal ≥ 0.7)`)
}

interface Measured {
  steps: number
  seconds: number
}

async function bareLoop(traces: readonly { prompt: string; response: string }[]): Promise<Measured> {
  const classifier = await loadClassifier({
    modelDir: findModel(installPaths().modelsDir).path,
    device: 'cpu',
    threads: null,
  })
  await classifier.classify(traces.slice(0, BATCH))
  const started = performance.now()
  let steps = 0
  for (let at = 0; at < traces.length; at += BATCH)
    steps += (await classifier.classify(traces.slice(at, at + BATCH))).bounds.length / 2
  const seconds = (performance.now() - started) / 1000
  await classifier.release()
  return { steps, seconds }
}

async function wholeJob(traces: readonly { prompt: string; response: string }[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  const { entries, modelsDir, version } = installPaths()
  const engine = createEngine({ workspace: join(folder, 'ws'), create: true, entries, modelsDir, version })
  try {
    const client = localClient(engine)
    const file = join(folder, 'rollouts.jsonl')
    writeFileSync(file, traces.map((trace, index) => JSON.stringify({ id: index, ...trace })).join('\n'))
    await client.call('jobs.wait', { id: (await client.call('imports.start', { paths: [file] })).id })
    await client.call('models.provider', { device: 'cpu' })
    const started = performance.now()
    const { id } = await client.call('classify.start', { device: 'cpu' })
    const job = await client.call('jobs.wait', { id })
    const seconds = (performance.now() - started) / 1000
    if (job.state !== 'done') throw new Error(job.error?.message ?? job.state)
    return { steps: (job.result as { steps: number }).steps, seconds }
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
