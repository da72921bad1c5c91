import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import type { ProviderInfo } from '#shared/contract/classify.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { createFeaturizer } from '#shared/domain/features/featurizer.ts'
import type { StepFeatures } from '#shared/domain/features/config.ts'
import type { ModelManifest } from '#shared/domain/features/manifest.ts'
import { packBatch, PACK_WIDTH } from '#shared/domain/features/pack.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { CairnError } from '#shared/errors.ts'
import { verifiedOnnxPath } from './models.ts'
import { openSession } from './provider.ts'
import type { ClassifiedBatch, LoadRequest } from './protocol.ts'

export interface Classifier {
  readonly info: ProviderInfo
  /** A pure function of the texts: the same traces give the same result in any company. */
  classify(traces: readonly { prompt: string; response: string }[]): Promise<ClassifiedBatch>
  release(): Promise<void>
}

/** Steps given to the model at once; a longer trace goes alone. */
const RUN_STEPS = 4096

/**
 * Loads a hashed-n-gram classifier.
 * @throws CairnError `model_invalid`, `inference_failed`
 */
export async function loadClassifier({ modelDir, device, threads }: LoadRequest): Promise<Classifier> {
  const file = verifiedOnnxPath(modelDir)
  const manifest = JSON.parse(readFileSync(join(modelDir, 'manifest.json'), 'utf8')) as ModelManifest
  const featurizer = makeFeaturizer(manifest)
  const { session, info } = await openSession(file, device, threads)

  const run = async (traces: readonly StepFeatures[]): Promise<Float32Array[]> => {
    const batch = packBatch(traces, manifest.features.dense)
    let output: ort.InferenceSession.OnnxValueMapType
    try {
      output = await session.run({
        indices: new ort.Tensor('int32', batch.indices, [batch.chunks, PACK_WIDTH]),
        values: new ort.Tensor('float32', batch.values, [batch.chunks, 1, PACK_WIDTH]),
        rows: new ort.Tensor('int32', batch.rows, [batch.positions, batch.rowWidth]),
        dense: new ort.Tensor('float32', batch.dense, [batch.positions, batch.denseWidth]),
      })
    } catch (cause) {
      throw new CairnError(
        'inference_failed',
        `The model ${manifest.id} failed: ${(cause as Error).message}`,
        { model: manifest.id },
        { cause },
      )
    }
    const all = output['probabilities']!.data as Float32Array
    return traces.map(({ steps }, index) => {
      const start = batch.starts[index]! * BEHAVIOURS.length
      return all.subarray(start, start + steps * BEHAVIOURS.length)
    })
  }

  return {
    info,
    async classify(traces) {
      const bounds = traces.map(({ response }) => segment(response))
      const results: Float32Array[] = []
      let waiting: StepFeatures[] = []
      let steps = 0
      for (const [index, { prompt, response }] of traces.entries()) {
        const features = featurizer.featurize(response, bounds[index]!, prompt)
        if (steps + features.steps > RUN_STEPS && waiting.length > 0) {
          results.push(...(await run(waiting)))
          waiting = []
          steps = 0
        }
        waiting.push(features)
        steps += features.steps
      }
      if (waiting.length > 0) results.push(...(await run(waiting)))
      return {
        bounds: concat(bounds, new Uint32Array(bounds.reduce((sum, part) => sum + part.length, 0))),
        steps: Uint32Array.from(bounds, (part) => part.length / 2),
        probabilities: concat(results, new Float32Array(results.reduce((sum, part) => sum + part.length, 0))),
      }
    },
    release: () => session.release(),
  }
}

function makeFeaturizer(manifest: ModelManifest) {
  try {
    return createFeaturizer(manifest.features)
  } catch (cause) {
    throw new CairnError(
      'model_invalid',
      `The model ${manifest.id} cannot be used: ${(cause as Error).message}.`,
      {
        model: manifest.id,
      },
    )
  }
}

function concat<T extends Uint32Array | Float32Array>(parts: readonly T[], into: T): T {
  let offset = 0
  for (const part of parts) {
    into.set(part, offset)
    offset += part.length
  }
  return into
}
