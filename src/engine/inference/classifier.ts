import type { ProviderInfo } from '#shared/contract/classify.ts'
import { joined } from '#shared/domain/joined.ts'
import { mixed, type HeadWeights } from '#shared/domain/learning/reweight.ts'
import type { ModelManifest } from '#shared/domain/models/manifest.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { CairnError } from '#shared/errors.ts'
import { createEncoder } from './encoder.ts'
import { createHashedNgrams } from './hashed-ngrams.ts'
import { readManifest } from './models.ts'
import { LoadRequest, type ClassifiedBatch, type Loading } from './protocol.ts'
import type { SegmentedTrace, StepLook, StepModel } from './step-model.ts'
import { createTextClassification } from './text-classification.ts'

export interface Classifier {
  readonly info: ProviderInfo
  /** @param heads how much each head of the model's ensemble counts; without them its own output is taken */
  classify(
    traces: readonly { prompt: string; response: string }[],
    heads?: HeadWeights,
  ): Promise<ClassifiedBatch>
  /** @throws CairnError `model_invalid` where the model has no ensemble */
  look(traces: readonly SegmentedTrace[]): Promise<StepLook[]>
  release(): Promise<void>
}

/**
 * Loads a classifier of the kind its manifest says.
 * @throws CairnError `model_missing`, `model_invalid`, `inference_failed`
 */
export async function loadClassifier(request: LoadRequest): Promise<Classifier> {
  return classifierOf(await loadStepModel(readManifest(request.modelDir), LoadRequest.parse(request)))
}

/** Cuts traces into steps and tells the behaviours of each. */
export function classifierOf(model: StepModel): Classifier {
  const look = (traces: readonly SegmentedTrace[]): Promise<StepLook[]> => {
    if (model.look !== undefined) return model.look(traces)
    throw new CairnError('model_invalid', 'The model has no ensemble of heads. Use cairn-accurate.')
  }
  return {
    info: model.info,
    look,
    async classify(traces, heads) {
      const segmented = traces.map((trace) => ({ ...trace, bounds: segment(trace.response) }))
      const probabilities =
        heads === undefined
          ? await model.predict(segmented)
          : (await look(segmented)).map(({ logits }) => mixed(logits, heads))
      return {
        bounds: joined(
          Uint32Array,
          segmented.map(({ bounds }) => bounds),
        ),
        steps: Uint32Array.from(segmented, ({ bounds }) => bounds.length / 2),
        probabilities: joined(Float32Array, probabilities),
      }
    },
    release: () => model.release(),
  }
}

/** @throws CairnError `model_invalid` when it is no model that tells behaviours by itself; as `loadClassifier` */
export async function loadStepModel(manifest: ModelManifest, request: Loading): Promise<StepModel> {
  switch (manifest.kind) {
    case 'hashed-ngrams':
      return createHashedNgrams(manifest, request)
    case 'encoder':
      return createEncoder(manifest, request)
    case 'text-classification':
      return createTextClassification(manifest, request)
    case 'adapted':
      throw new CairnError(
        'model_invalid',
        `${manifest.id} is made of another model, which has to be loaded.`,
      )
    case 'feature-extraction':
    case 'causal-lm':
      throw new CairnError('model_invalid', `${manifest.id} does not tell behaviours.`)
  }
}
