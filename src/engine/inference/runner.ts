import type { ProviderInfo } from '#shared/contract/classify.ts'
import { joined } from '#shared/domain/joined.ts'
import { tasksOf, type ModelManifest } from '#shared/domain/models/manifest.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { toDirections } from '#shared/domain/similar/directions.ts'
import { CairnError } from '#shared/errors.ts'
import { classifierOf, loadStepModel, type Classifier } from './classifier.ts'
import { createCausalLm } from './causal-lm.ts'
import { createEncoder } from './encoder.ts'
import { createFeatureExtraction } from './feature-extraction.ts'
import { readManifest } from './models.ts'
import { LoadRequest, type EncodedBatch, type Loading, type ScoredBatch } from './protocol.ts'
import { causeOf, noCuda } from './provider.ts'
import type { StepEncoder } from './step-model.ts'
import { tryModel } from './trial.ts'

type Texts = readonly { prompt: string; response: string }[]

/** A loaded model of whatever kind; what its kind cannot do fails with `model_invalid`. */
export interface Runner extends Classifier {
  embed(traces: Texts): Promise<EncodedBatch>
  score(traces: Texts): Promise<ScoredBatch>
}

/**
 * Loads a model of the kind its manifest says. On CUDA it runs a sentence first: a session opens there, too, where a
 * library is missing that is loaded late, or where the card is too old for the kernels.
 * @throws CairnError `model_missing`, `model_invalid`, `inference_failed`
 */
export async function loadRunner(wanted: LoadRequest): Promise<Runner> {
  const request = LoadRequest.parse(wanted)
  const manifest = readManifest(request.modelDir)
  const { id, version } = manifest
  if (request.version !== null && request.version !== version)
    throw new CairnError(
      'model_invalid',
      `The model ${id} ${request.version} was replaced by ${id} ${version} while it was in use. What was done is kept; start again to use the new one.`,
      { model: id },
    )
  const runner = await open(manifest, request)
  if (runner.info.provider === 'cpu') return runner
  try {
    await tryModel(tasksOf(manifest.kind)[0]!, runner)
    return runner
  } catch (thrown) {
    const reason = causeOf((thrown as Error).cause ?? thrown)
    await runner.release().catch(() => undefined)
    if (request.device === 'cuda') throw noCuda(reason)
    const onCpu = await open(manifest, { ...request, device: 'cpu' })
    return { ...onCpu, info: { ...onCpu.info, reason, cause: 'machine' } }
  }
}

async function open(manifest: ModelManifest, request: Loading): Promise<Runner> {
  const { id } = manifest
  switch (manifest.kind) {
    case 'causal-lm':
      return { ...unable(id), ...(await createCausalLm(manifest, request)) }
    case 'feature-extraction':
      return { ...unable(id), ...encoderOf(await createFeatureExtraction(manifest, request)) }
    case 'encoder': {
      const model = await createEncoder(manifest, request)
      return { ...unable(id), ...encoderOf(model), ...classifierOf(model) }
    }
    default: {
      const model = await loadStepModel(manifest, request)
      return { ...unable(id), ...classifierOf(model) }
    }
  }
}

/** What a model does that cannot do anything. */
function unable(id: string): Omit<Runner, 'info' | 'release'> {
  const refuse = (what: string) => () =>
    Promise.reject(new CairnError('model_invalid', `The model ${id} cannot ${what}.`, { model: id }))
  return {
    classify: refuse('tell behaviours'),
    look: refuse('say what an ensemble of heads reads'),
    embed: refuse('make vectors of steps'),
    score: refuse('say how surprising a text is'),
  }
}

function encoderOf(model: StepEncoder): Pick<Runner, 'embed' | 'release'> & { info: ProviderInfo } {
  const { info, width } = model
  return {
    info,
    async embed(traces) {
      const segmented = traces.map((trace) => ({ ...trace, bounds: segment(trace.response) }))
      const vectors = await model.vectors(segmented)
      const bounds = segmented.map((trace) => trace.bounds)
      return {
        bounds: joined(Uint32Array, bounds),
        steps: Uint32Array.from(bounds, ({ length }) => length / 2),
        width,
        directions: toDirections(joined(Float32Array, vectors), width),
      }
    },
    release: () => model.release(),
  }
}
