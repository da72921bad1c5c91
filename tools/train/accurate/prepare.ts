/**
 * Cuts traces into steps and gives each step what the app computes of it: dense features and the probabilities
 * of `cairn-fast`. The app's own code, so that training and use cannot differ.
 *
 *   node tools/train/accurate/prepare.ts FAST_MODEL_FOLDER OUT.bin FILE.jsonl
 *
 * A line is a trace: `{id, text, prompt?, steps?: [[start, end]…]}`, offsets in code points; without `steps`
 * the app's segmenter cuts the text. OUT.bin: a line of JSON `{dense, traces: [{id, steps: [[start, end]…]}]}`,
 * padded with spaces to a multiple of 4 bytes, then float32 dense features (steps × dense) and float32
 * probabilities (steps × 4).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { createFeaturizer } from '#shared/domain/features/featurizer.ts'
import { packBatch, PACK_WIDTH } from '#shared/domain/features/pack.ts'
import type { HashedNgramsManifest } from '#shared/domain/models/manifest.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'
import { segment } from '#shared/domain/segment/index.ts'

interface Trace {
  id: string
  text: string
  prompt?: string | null
  steps?: readonly (readonly [number, number])[]
}

const [folder, output, input] = process.argv.slice(2)
if (folder === undefined || output === undefined || input === undefined) {
  throw new Error('usage: node tools/train/accurate/prepare.ts FAST_MODEL_FOLDER OUT.bin FILE.jsonl')
}
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as HashedNgramsManifest
const featurizer = createFeaturizer(manifest.features)
const session = await ort.InferenceSession.create(join(folder, 'model.onnx'), { intraOpNumThreads: 1 })
const traces: { id: string; steps: [number, number][] }[] = []
const dense: Float32Array[] = []
const fast: Float32Array[] = []
for (const line of readFileSync(input, 'utf8').split('\n')) {
  if (line === '') continue
  const trace = JSON.parse(line) as Trace
  const converter = createOffsetConverter(trace.text, 'code_points')
  const bounds =
    trace.steps === undefined
      ? segment(trace.text)
      : Uint32Array.from(trace.steps.flatMap((step) => step.map((offset) => converter.toUtf16(offset))))
  const features = featurizer.featurize(trace.text, bounds, trace.prompt ?? '')
  const steps = Array.from({ length: features.steps }, (_, at): [number, number] => [
    converter.fromUtf16(bounds[at * 2]!),
    converter.fromUtf16(bounds[at * 2 + 1]!),
  ])
  traces.push({ id: trace.id, steps })
  dense.push(features.dense)
  fast.push(await probabilitiesOf(features))
}
const header = JSON.stringify({ dense: manifest.features.dense, traces })
const bytes = Buffer.byteLength(header) + 1
const head = Buffer.from(`${header}${' '.repeat((4 - (bytes % 4)) % 4)}\n`)
writeFileSync(output, Buffer.concat([head, ...[...dense, ...fast].map(bytesOf)]))

async function probabilitiesOf(features: ReturnType<typeof featurizer.featurize>): Promise<Float32Array> {
  const batch = packBatch([features], manifest.features.dense)
  const { probabilities } = await session.run({
    indices: new ort.Tensor('int32', batch.indices, [batch.chunks, PACK_WIDTH]),
    values: new ort.Tensor('float32', batch.values, [batch.chunks, 1, PACK_WIDTH]),
    rows: new ort.Tensor('int32', batch.rows, [batch.positions, batch.rowWidth]),
    dense: new ort.Tensor('float32', batch.dense, [batch.positions, batch.denseWidth]),
  })
  const first = batch.starts[0]! * manifest.behaviours.length
  const all = probabilities!.data as Float32Array
  return all.slice(first, first + features.steps * manifest.behaviours.length)
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
