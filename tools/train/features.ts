/**
 * Extracts the app's own features from labelled traces for the trainer, so that training and use cannot
 * differ.
 *
 *   node tools/train/features.ts CONFIG.json OUT.bin FILE.jsonl…
 *
 * A line is a trace: `{id, text, steps: [[start, end]…] | segments: [[start, end, label]…], prompt?}`, offsets
 * in code points. OUT.bin: a line of JSON `{traces: [{id, steps}], nonzero, dense}`, padded with spaces to a
 * multiple of 8 bytes, then int32 offsets (steps + 1), int32 indices, float32 values, float32 dense.
 */
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createFeaturizer } from '#shared/domain/features/featurizer.ts'
import type { FeatureConfig, StepFeatures } from '#shared/domain/features/config.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'

interface LabelledTrace {
  id: string
  text: string
  prompt?: string | null
  steps?: readonly (readonly [number, number])[]
  segments?: readonly (readonly [number, number, string])[]
}

const [configPath, output, ...inputs] = process.argv.slice(2)
if (configPath === undefined || output === undefined || inputs.length === 0) {
  throw new Error('usage: node tools/train/features.ts CONFIG.json OUT.bin FILE.jsonl…')
}
const config = JSON.parse(readFileSync(configPath, 'utf8')) as FeatureConfig
const featurizer = createFeaturizer(config)
const traces: { id: string; steps: number }[] = []
const parts: StepFeatures[] = []
for (const input of inputs) {
  for await (const line of createInterface({ input: createReadStream(input, 'utf8'), crlfDelay: Infinity })) {
    if (line === '') continue
    const trace = JSON.parse(line) as LabelledTrace
    const features = featurizer.featurize(trace.text, boundsOf(trace), trace.prompt ?? '')
    traces.push({ id: trace.id, steps: features.steps })
    parts.push(features)
  }
}
write(output)

function boundsOf(trace: LabelledTrace): Uint32Array {
  const converter = createOffsetConverter(trace.text, 'code_points')
  const ranges = trace.steps ?? trace.segments ?? []
  return Uint32Array.from(
    ranges.flatMap(([start, end]) => [converter.toUtf16(start), converter.toUtf16(end)]),
  )
}

function write(path: string): void {
  const steps = traces.reduce((sum, trace) => sum + trace.steps, 0)
  const nonzero = parts.reduce((sum, part) => sum + part.indices.length, 0)
  const offsets = new Int32Array(steps + 1)
  let step = 0
  let base = 0
  for (const part of parts) {
    for (let at = 1; at <= part.steps; at++) offsets[++step] = base + part.offsets[at]!
    base += part.indices.length
  }
  const header = JSON.stringify({ traces, nonzero, dense: config.dense, size: featurizer.size })
  const bytes = Buffer.byteLength(header) + 1
  const line = `${header}${' '.repeat((8 - (bytes % 8)) % 8)}\n`
  const chunks = [Buffer.from(line), bytesOf(offsets)]
  for (const field of ['indices', 'values', 'dense'] as const)
    for (const part of parts) chunks.push(bytesOf(part[field]))
  writeFileSync(path, Buffer.concat(chunks))
}

function bytesOf(array: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
