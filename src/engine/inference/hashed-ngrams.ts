import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { StepFeatures } from '#shared/domain/features/config.ts'
import { createFeaturizer } from '#shared/domain/features/featurizer.ts'
import { packBatch, PACK_WIDTH, partsOf, type TracePart } from '#shared/domain/features/pack.ts'
import type { HashedNgramsManifest } from '#shared/domain/models/manifest.ts'
import { CairnError } from '#shared/errors.ts'
import { pathFor } from './models.ts'
import { ort } from './onnxruntime.ts'
import type { Loading } from './protocol.ts'
import { failed, openSession } from './provider.ts'
import type { SegmentedTrace, StepModel } from './step-model.ts'

/** What the model computes of a trace's steps, both row-major: steps × features and steps × behaviours. */
export interface HashedNgramsReading {
  dense: Float32Array
  probabilities: Float32Array
}

export interface HashedNgrams extends StepModel {
  /** Probabilities with the dense features they were made of, which another model may read. */
  read(traces: readonly SegmentedTrace[]): Promise<HashedNgramsReading[]>
}

/** Steps given to the model at once: its memory grows with them, by some 30 KB each. A longer trace goes in parts. */
const RUN_STEPS = 4096

/**
 * Hashed n-grams with context features under linear heads. On the CPU, wherever it is asked for: it is small, and a card
 * would wait for its features.
 * @throws CairnError `model_invalid`, `inference_failed`
 */
export async function createHashedNgrams(
  manifest: HashedNgramsManifest,
  { modelDir, device, threads }: Loading,
  runSteps = RUN_STEPS,
): Promise<HashedNgrams> {
  const featurizer = featurizerOf(manifest)
  const { session, info } = await openSession(pathFor(modelDir, manifest.files.model), 'cpu', threads)

  const { dense: denseWidth } = manifest.features

  /** Probabilities of each trace's steps. */
  const run = async (traces: readonly StepFeatures[]): Promise<Float32Array[]> => {
    const batch = packBatch(traces, denseWidth)
    const output = await session
      .run({
        indices: new ort.Tensor('int32', batch.indices, [batch.chunks, PACK_WIDTH]),
        values: new ort.Tensor('float32', batch.values, [batch.chunks, 1, PACK_WIDTH]),
        rows: new ort.Tensor('int32', batch.rows, [batch.positions, batch.rowWidth]),
        dense: new ort.Tensor('float32', batch.dense, [batch.positions, batch.denseWidth]),
      })
      .catch((cause: unknown) => {
        throw failed(manifest.id, 'cpu', cause)
      })
    const all = output['probabilities']!.data as Float32Array
    return traces.map(({ steps }, index) => {
      const start = batch.starts[index]! * BEHAVIOURS.length
      return all.subarray(start, start + steps * BEHAVIOURS.length)
    })
  }

  const read = async (traces: readonly SegmentedTrace[]): Promise<HashedNgramsReading[]> => {
    const results: HashedNgramsReading[] = []
    let waiting: (TracePart & { result: HashedNgramsReading })[] = []
    let steps = 0
    const flush = async () => {
      const found = await run(waiting.map(({ features }) => features))
      for (const [at, { result, first, steps: own, before }] of waiting.entries()) {
        const said = found[at]!.subarray(before * BEHAVIOURS.length, (before + own) * BEHAVIOURS.length)
        result.probabilities.set(said, first * BEHAVIOURS.length)
      }
      waiting = []
      steps = 0
    }
    for (const { response, bounds, prompt } of traces) {
      const features = featurizer.featurize(response, bounds, prompt)
      const probabilities = new Float32Array(features.steps * BEHAVIOURS.length)
      const result = { dense: features.dense, probabilities }
      results.push(result)
      for (const part of partsOf(features, denseWidth, runSteps)) {
        if (steps + part.steps > runSteps && waiting.length > 0) await flush()
        waiting.push({ ...part, result })
        steps += part.steps
      }
    }
    if (waiting.length > 0) await flush()
    return results
  }

  return {
    info: {
      ...info,
      cause: 'model',
      ...(device !== 'cpu' && { reason: 'this model always runs on the CPU' }),
    },
    read,
    predict: async (traces) => (await read(traces)).map(({ probabilities }) => probabilities),
    release: () => session.release(),
  }
}

function featurizerOf(manifest: HashedNgramsManifest) {
  try {
    return createFeaturizer(manifest.features)
  } catch (cause) {
    throw new CairnError(
      'model_invalid',
      `The model ${manifest.id} cannot be used: ${(cause as Error).message}.`,
      { model: manifest.id },
    )
  }
}
