/**
 * Runs the finished model on labelled traces the way the app does: the app's extractor, the app's batches,
 * the app's runtime.
 *
 *   node tools/train/predict.ts MODEL_FOLDER OUT.json FILE.jsonl [ID…]
 *
 * OUT.json: `[{id, prompt, text, bounds, probabilities}]`, bounds in UTF-16, probabilities steps × 4 rounded to
 * six digits; with ids only those traces, without ids every trace, leaving out prompt, text and bounds.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { createFeaturizer } from '#shared/domain/features/featurizer.ts'
import { packBatch, PACK_WIDTH } from '#shared/domain/features/pack.ts'
import type { HashedNgramsManifest } from '#shared/domain/models/manifest.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'

interface LabelledTrace {
  id: string
  text: string
  prompt?: string | null
  steps: readonly (readonly [number, number])[]
}

const [folder, output, input, ...ids] = process.argv.slice(2)
if (folder === undefined || output === undefined || input === undefined) {
  throw new Error('usage: node tools/train/predict.ts MODEL_FOLDER OUT.json FILE.jsonl [ID…]')
}
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as HashedNgramsManifest
const featurizer = createFeaturizer(manifest.features)
const session = await ort.InferenceSession.create(join(folder, 'model.onnx'), { intraOpNumThreads: 1 })
const traces = readFileSync(input, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as LabelledTrace)
const made = []
let steps = 0
let extracting = 0
let everything = 0
for (const trace of traces) {
  if (ids.length > 0 && !ids.includes(trace.id)) continue
  const converter = createOffsetConverter(trace.text, 'code_points')
  const bounds = Uint32Array.from(
    trace.steps.flatMap(([start, end]) => [converter.toUtf16(start), converter.toUtf16(end)]),
  )
  const prompt = trace.prompt ?? ''
  const begun = performance.now()
  const features = featurizer.featurize(trace.text, bounds, prompt)
  extracting += performance.now() - begun
  const batch = packBatch([features], manifest.features.dense)
  const { probabilities } = await session.run({
    indices: new ort.Tensor('int32', batch.indices, [batch.chunks, PACK_WIDTH]),
    values: new ort.Tensor('float32', batch.values, [batch.chunks, 1, PACK_WIDTH]),
    rows: new ort.Tensor('int32', batch.rows, [batch.positions, batch.rowWidth]),
    dense: new ort.Tensor('float32', batch.dense, [batch.positions, batch.denseWidth]),
  })
  everything += performance.now() - begun
  steps += features.steps
  const width = manifest.behaviours.length
  const first = batch.starts[0]! * width
  const own = (probabilities!.data as Float32Array).subarray(first, first + features.steps * width)
  const rounded = Array.from(own, (value) => Math.round(value * 1e6) / 1e6)
  const excerpt = ids.length > 0 ? { prompt, text: trace.text, bounds: Array.from(bounds) } : {}
  made.push({ id: trace.id, ...excerpt, probabilities: rounded })
}
writeFileSync(output, `${JSON.stringify(made)}\n`)
console.log(
  `${steps} steps: features ${Math.round((steps / extracting) * 1000)} steps/s, with the model ${Math.round((steps / everything) * 1000)} steps/s`,
)
