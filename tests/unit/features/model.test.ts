import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { openOnCpu } from '#engine/inference/provider.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { createFeaturizer } from '#shared/domain/features/featurizer.ts'
import { fileFor, type HashedNgramsManifest } from '#shared/domain/models/manifest.ts'
import { PACK_WIDTH, packBatch } from '#shared/domain/features/pack.ts'

interface Golden {
  model: string
  traces: { id: string; prompt: string; text: string; bounds: number[]; probabilities: number[] }[]
}

const root = resolve(import.meta.dirname, '../../..')
const folder = resolve(root, 'resources/models/cairn-fast')
const manifest = JSON.parse(readFileSync(resolve(folder, 'manifest.json'), 'utf8')) as HashedNgramsManifest
const golden = JSON.parse(readFileSync(resolve(root, 'tests/fixtures/models/golden.json'), 'utf8')) as Golden
const featurizer = createFeaturizer(manifest.features)
const model = readFileSync(resolve(folder, 'model.onnx'))
const session = await openOnCpu(model, 1)

async function classify(traces: Golden['traces']): Promise<Float32Array[]> {
  const features = traces.map((trace) =>
    featurizer.featurize(trace.text, Uint32Array.from(trace.bounds), trace.prompt),
  )
  const batch = packBatch(features, manifest.features.dense)
  const output = await session.run({
    indices: new ort.Tensor('int32', batch.indices, [batch.chunks, PACK_WIDTH]),
    values: new ort.Tensor('float32', batch.values, [batch.chunks, 1, PACK_WIDTH]),
    rows: new ort.Tensor('int32', batch.rows, [batch.positions, batch.rowWidth]),
    dense: new ort.Tensor('float32', batch.dense, [batch.positions, batch.denseWidth]),
  })
  const data = output['probabilities']!.data as Float32Array
  const width = BEHAVIOURS.length
  return features.map((own, at) =>
    data.subarray(batch.starts[at]! * width, (batch.starts[at]! + own.steps) * width),
  )
}

function furthest(found: Float32Array, wanted: ArrayLike<number>): number {
  expect(found).toHaveLength(wanted.length)
  return found.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at]!)), 0)
}

describe('cairn-fast', () => {
  it('is the file its manifest describes', () => {
    const { bytes, sha256 } = fileFor(manifest.files.model, 'cpu')!
    expect(model.length).toBe(bytes)
    expect(createHash('sha256').update(model).digest('hex')).toBe(sha256)
    expect(manifest.behaviours).toEqual(BEHAVIOURS)
    expect(golden.model).toBe(manifest.version)
    for (const behaviour of BEHAVIOURS) {
      expect(manifest.thresholds[behaviour]).toBeGreaterThan(0)
      expect(manifest.thresholds[behaviour]).toBeLessThan(1)
    }
  })

  it('gives the probabilities stored when it was trained', async () => {
    for (const trace of golden.traces) {
      const [found] = await classify([trace])
      expect(furthest(found!, trace.probabilities)).toBeLessThan(1e-4)
    }
  })

  it('gives a trace the same probabilities alone and among others', async () => {
    const together = await classify([...golden.traces].reverse())
    for (const [at, trace] of [...golden.traces].reverse().entries()) {
      const [alone] = await classify([trace])
      expect(furthest(together[at]!, alone!)).toBeLessThan(1e-5)
    }
  })

  it('finds the checks and the second attempt in a Countdown trace', async () => {
    const text = [
      'We need to use the numbers 41, 71 and 17 exactly once to get 47.',
      "Let's try different combinations:",
      'Try:',
      '71 − (41 + 17)',
      '= 71 − 58',
      '= 13 → Not 47',
      'Try:',
      '71 − 41 + 17',
      '= 30 + 17',
      '= 47 ✅',
    ].join('\n')
    const bounds = [...text.matchAll(/[^\n]+/g)].flatMap((line) => [line.index, line.index + line[0].length])
    const prompt = 'Using the numbers [41, 71, 17], create an equation that equals 47.'
    const [found] = await classify([{ id: '', prompt, text, bounds, probabilities: [] }])
    const shows = (step: number, behaviour: (typeof BEHAVIOURS)[number]) =>
      found![step * BEHAVIOURS.length + BEHAVIOURS.indexOf(behaviour)]! >= manifest.thresholds[behaviour]
    const steps = Array.from({ length: 10 }, (_, step) => step)
    expect(steps.filter((step) => shows(step, 'verification'))).toEqual([5, 9])
    expect(steps.filter((step) => shows(step, 'backtracking'))).toEqual([6])
  })
})
