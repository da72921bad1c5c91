import { writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { readOnnxHeader } from '#engine/inference/onnx-header.ts'
import { openOnCpu } from '#engine/inference/provider.ts'
import { sigmoid } from '#shared/domain/adapt/adaptation.ts'
import { fitOwn, warningOf } from '#shared/domain/learning/own-head.ts'
import { linearOnnx } from '#shared/domain/models/onnx-linear.ts'
import { seeded } from '#shared/domain/random.ts'
import { temporaryFolder } from '../engine/support.ts'

describe('a head as ONNX', () => {
  it('is a file that onnxruntime runs, and says what its weights say', async () => {
    const random = seeded(1)
    const weights = Float32Array.from({ length: 300 }, () => random() - 0.5)
    const features = Float32Array.from({ length: 3 * 300 }, () => random() - 0.5)
    const bytes = linearOnnx(weights, -0.25)
    const session = await openOnCpu(Buffer.from(bytes), 1)
    const { probabilities } = await session.run({ features: new ort.Tensor('float32', features, [3, 300]) })
    await session.release()
    for (let step = 0; step < 3; step++) {
      const z = weights.reduce((sum, w, at) => sum + w * features[step * 300 + at]!, -0.25)
      expect(probabilities!.data[step] as number).toBeCloseTo(sigmoid(z), 5)
    }
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'head.onnx'), bytes)
    expect(readOnnxHeader(join(folder, 'head.onnx'))).toMatchObject({
      opset: 17,
      domains: [],
      external: [],
    })
    rmSync(folder, { recursive: true })
  })
})

describe('a head that is not to be relied on', () => {
  it.each([
    // Of a frequent behaviour: much better than saying it everywhere, however high that is.
    [0.85, 0.5, ''],
    [0.9, 0.6, ''],
    [0.66, 0.6, 'hardly better than chance (0.60)'],
    [0.8, 0.75, 'hardly better than chance (0.75)'],
    [0.15, 0.1, 'hardly better than chance (0.10)'],
    // Of a rare one: far from chance, and still no good.
    [0.25, 0.02, 'too weak to count by'],
    [0.6, 0.02, ''],
    [null, 0.1, 'hardly better'],
  ])('F1 %s where chance has %s: %s', (f1, chance, words) => {
    const warning = warningOf({ f1, chance })
    if (words === '') expect(warning).toBe('')
    else expect(warning).toContain(words)
  })
})

describe('training a head', () => {
  const traces = (truth: (features: Float32Array, random: () => number) => boolean) => {
    const random = seeded(4)
    return Array.from({ length: 12 }, () => {
      const features = Float32Array.from({ length: 40 * 20 }, () => random() * 2 - 1)
      const labels = Uint8Array.from({ length: 40 }, (_, step) =>
        truth(features.subarray(step * 20, (step + 1) * 20), random) ? 1 : 0,
      )
      return { features, labels }
    })
  }

  it('tells how well it does on traces that were left out', () => {
    const learned = fitOwn(
      20,
      traces((features) => features[3]! + features[4]! > 0.9),
    )
    expect(learned.f1).toBeGreaterThan(0.85)
    expect(learned.chance).toBeLessThan(0.4)
    expect(learned.steps).toBe(480)
  })

  it('is not flattered by labels that mean nothing', () => {
    const learned = fitOwn(
      20,
      traces((_, random) => random() < 0.1),
    )
    expect(learned.f1 ?? 0).toBeLessThan(2 * learned.chance)
  })
})
