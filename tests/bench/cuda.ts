/**
 * `npm run bench cuda [-- --model cairn-accurate --traces 2000]`: steps/s of a model on CUDA and on this machine's CPU,
 * and how far their predictions are apart (goal: within 1e-3, with the same weights: `--precision fp16`). Where no card
 * is usable it says why and ends well.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadClassifier, type Classifier } from '#engine/inference/classifier.ts'
import { findModel } from '#engine/inference/models.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { Precision } from '#shared/contract/classify.ts'
import { SHARED_DATA } from '../unit/shared-data.ts'

/** Characters of a batch on each. */
const BATCH = { cuda: 400_000, cpu: 20_000 }
/** The CPU looks at so many times fewer traces: its rate is known sooner. */
const FEWER = 20

type Trace = { prompt: string; response: string }

export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      model: { type: 'string', default: 'cairn-accurate' },
      traces: { type: 'string', default: '2000' },
      precision: { type: 'string', default: 'auto' },
      models: { type: 'string', default: installPaths().modelsDir },
    },
  })
  const modelDir = findModel([values.models], values.model).path
  const precision = values.precision as Precision
  let cuda: Classifier
  try {
    cuda = await loadClassifier({ modelDir, device: 'cuda', threads: null, precision })
  } catch (thrown) {
    console.log(`Nothing to measure: ${(thrown as Error).message}`)
    return
  }
  if (cuda.info.provider !== 'cuda') return console.log(`Nothing to measure: ${cuda.info.reason}.`)
  const all = texts(Number(values.traces))
  const few = all.slice(0, Math.ceil(all.length / FEWER))
  // The first run chooses kernels and reserves memory.
  await measure(cuda, few, BATCH.cuda)
  const onCuda = await measure(cuda, all, BATCH.cuda)
  const cpu = await loadClassifier({ modelDir, device: 'cpu', threads: 1, precision })
  const onCpu = await measure(cpu, few, BATCH.cpu)
  const apart = onCpu.probabilities.reduce(
    (most, one, at) => Math.max(most, Math.abs(one - onCuda.probabilities[at]!)),
    0,
  )
  console.log(`cuda      ${onCuda.rate.toFixed(0).padStart(8)} steps/s`)
  console.log(`one core  ${onCpu.rate.toFixed(0).padStart(8)} steps/s`)
  console.log(
    `ratio ${(onCuda.rate / onCpu.rate).toFixed(1)} × one core; largest difference ${apart.toExponential(1)}`,
  )
  await Promise.all([cuda.release(), cpu.release()])
}

async function measure(model: Classifier, traces: readonly Trace[], chars: number) {
  const probabilities: number[] = []
  let steps = 0
  const started = performance.now()
  for (let at = 0; at < traces.length;) {
    const batch: Trace[] = []
    for (let size = 0; at < traces.length && size < chars; at++) {
      batch.push(traces[at]!)
      size += traces[at]!.response.length
    }
    const found = await model.classify(batch)
    steps += found.bounds.length / 2
    for (const one of found.probabilities) probabilities.push(one)
  }
  return { rate: steps / ((performance.now() - started) / 1000), probabilities }
}

function texts(count: number): Trace[] {
  const rows = readFileSync(join(SHARED_DATA, 'traces/countdown-runs/grpo/eval_samples.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { prompt: string; raw_generation: string })
  return Array.from({ length: count }, (_, index) => {
    const { prompt, raw_generation } = rows[index % rows.length]!
    return { prompt, response: `${raw_generation}\n(sample ${index})` }
  })
}
