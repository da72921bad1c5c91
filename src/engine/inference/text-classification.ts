import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { TextClassificationManifest } from '#shared/domain/models/manifest.ts'
import { createBatching } from './batching.ts'
import { foreignPath, openTokenizer, RUN_TOKENS, tokenFeed } from './foreign.ts'
import type { Loading } from './protocol.ts'
import { failed, openSession } from './provider.ts'
import type { StepModel } from './step-model.ts'

/**
 * A text classifier of another maker, as Hugging Face exports them: it is shown each step by itself, and its labels
 * are mapped onto behaviours. A step longer than the model can read is read in windows that overlap by a quarter,
 * and shows what any of them shows.
 * @throws CairnError `model_invalid`, `inference_failed`
 */
export async function createTextClassification(
  manifest: TextClassificationManifest,
  { modelDir, device, threads, batch }: Loading,
): Promise<StepModel> {
  const { windows: read } = openTokenizer(manifest, modelDir)
  const { session, info } = await openSession(foreignPath(manifest, modelDir), device, threads)
  const { output, labels } = manifest
  const inBatches = createBatching(batch ?? RUN_TOKENS[info.provider])

  /** Probabilities of the labels for each row of tokens. */
  const run = async (rows: readonly (readonly number[])[]): Promise<Float32Array[]> => {
    const found = await session.run(tokenFeed(rows, manifest))
    const logits = found[output]?.data
    if (!(logits instanceof Float32Array) || logits.length !== rows.length * labels.length)
      throw new Error(`its output "${output}" is not ${labels.length} numbers for each text`)
    return rows.map((_, at) =>
      activate(logits.subarray(at * labels.length, (at + 1) * labels.length), manifest.activation),
    )
  }

  return {
    info,
    async predict(traces) {
      const results = traces.map(({ bounds }) => new Float32Array((bounds.length / 2) * BEHAVIOURS.length))
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
          for (const [column, behaviour] of BEHAVIOURS.entries()) {
            const label = manifest.map[behaviour]
            if (label === undefined) continue
            const place = step * BEHAVIOURS.length + column
            results[trace]![place] = Math.max(results[trace]![place]!, found[label]!)
          }
        },
      ).catch((cause: unknown) => {
        throw failed(manifest.id, info.provider, cause)
      })
      return results
    },
    release: () => session.release(),
  }
}

function activate(logits: Float32Array, activation: 'softmax' | 'sigmoid'): Float32Array {
  if (activation === 'sigmoid') return logits.map((z) => 1 / (1 + Math.exp(-z)))
  const largest = Math.max(...logits)
  const parts = logits.map((z) => Math.exp(z - largest))
  const sum = parts.reduce((total, part) => total + part, 0)
  return parts.map((part) => part / sum)
}
