import type { FeatureExtractionManifest } from '#shared/domain/models/manifest.ts'
import { createBatching } from './batching.ts'
import { foreignPath, openTokenizer, RUN_TOKENS, tokenFeed } from './foreign.ts'
import type { Loading } from './protocol.ts'
import { failed, openSession } from './provider.ts'
import type { StepEncoder } from './step-model.ts'

/**
 * A model of another maker that makes a vector of a text, as Hugging Face exports them: it is shown each step by
 * itself. A step longer than the model can read is read in windows that overlap by a quarter; its vector is the mean of
 * theirs.
 * @throws CairnError `model_invalid`, `inference_failed`
 */
export async function createFeatureExtraction(
  manifest: FeatureExtractionManifest,
  { modelDir, device, threads, batch }: Loading,
): Promise<StepEncoder> {
  const { windows: read } = openTokenizer(manifest, modelDir)
  const { session, info } = await openSession(foreignPath(manifest, modelDir), device, threads)
  const { output, pooling, width } = manifest
  const inBatches = createBatching(batch ?? RUN_TOKENS[info.provider])

  /** A vector of length one for each row of tokens. */
  const run = async (rows: readonly (readonly number[])[]): Promise<Float32Array[]> => {
    const found = (await session.run(tokenFeed(rows, manifest)))[output]?.data
    const tokens = pooling === 'given' ? 1 : Math.max(...rows.map((row) => row.length))
    if (!(found instanceof Float32Array) || found.length !== rows.length * tokens * width)
      throw new Error(`its output "${output}" is not ${width} numbers for each text or token`)
    return rows.map((row, at) => {
      const own = found.subarray(at * tokens * width, (at + 1) * tokens * width)
      return ofLengthOne(meanOf(own, width, pooling === 'mean' ? row.length : 1))
    })
  }

  return {
    info,
    width,
    async vectors(traces) {
      const results = traces.map(({ bounds }) => new Float32Array((bounds.length / 2) * width))
      const rows = traces.flatMap(({ response, bounds }, trace) =>
        Array.from({ length: bounds.length / 2 }, (_, step) =>
          read(response.slice(bounds[step * 2], bounds[step * 2 + 1])).map((ids) => ({ ids, trace, step })),
        ).flat(),
      )
      await inBatches(
        rows,
        ({ ids }) => ids.length,
        (batch) => run(batch.map(({ ids }) => ids)),
        ({ trace, step }, found) => {
          const vector = results[trace]!.subarray(step * width, (step + 1) * width)
          found.forEach((value, place) => (vector[place]! += value))
        },
      ).catch((cause: unknown) => {
        throw failed(manifest.id, info.provider, cause)
      })
      return results
    },
    release: () => session.release(),
  }
}

/** Mean of the first `count` of vectors that stand one after another. */
function meanOf(vectors: Float32Array, width: number, count: number): Float32Array {
  const mean = new Float32Array(width)
  for (let at = 0; at < count * width; at++) mean[at % width]! += vectors[at]! / count
  return mean
}

function ofLengthOne(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return length > 0 ? vector.map((value) => value / length) : vector
}
