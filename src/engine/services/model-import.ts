import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Parsed } from '#shared/contract/contract.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { models as contract } from '#shared/contract/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type {
  CausalLmManifest,
  FeatureExtractionManifest,
  ForeignManifest,
  ModelFile,
  TextClassificationManifest,
} from '#shared/domain/models/manifest.ts'
import { windowTokens } from '#shared/domain/surprisal/scoring-windows.ts'
import { CairnError } from '#shared/errors.ts'
import type { InferenceHost } from '../inference/host.ts'
import { listModels, unreadableModels, type ModelFolders } from '../inference/models.ts'
import { tryModel } from '../inference/trial.ts'
import { inspectFolder, type FoundModel } from './model-folder.ts'

type AddInput = Parsed<typeof contract, 'models.add'>

/** Takes models in as Hugging Face exports them: classifiers, models that make vectors, causal language models. */
export function createModelImport({ inference, models }: { inference: InferenceHost; models: ModelFolders }) {
  /** Names of models that are being copied. */
  const adding = new Set<string>()
  const handlers: Pick<ApiHandlers, 'models.inspect' | 'models.add'> = {
    'models.inspect': async ({ folder }) => (await inspectFolder(folder, inference)).model,

    async 'models.add'(input) {
      const { folder, id } = input
      const found = await inspectFolder(folder, inference)
      if ([...listModels(models), ...unreadableModels(models)].some((model) => model.id === id))
        throw new CairnError('conflict', `There is a model called "${id}" already. Choose another name.`, {
          id,
        })
      if (adding.has(id))
        throw new CairnError('conflict', `A model called "${id}" is being added already.`, { id })
      const own = ownFields(found, input)
      const target = join(models[1]!, id)
      const draft = join(models[1]!, `.${id}.part`)
      rmSync(draft, { recursive: true, force: true })
      mkdirSync(draft, { recursive: true })
      adding.add(id)
      try {
        const { title, inputs, output, maxTokens, pad, file } = found.model
        const data: ModelFile[] = []
        for (const path of found.data) data.push(await take(path, draft, basename(path)))
        const content = {
          ...{ inputs, output, maxTokens, pad },
          files: {
            model: { any: await take(file, draft, 'model.onnx') },
            tokenizer: { any: await take(join(folder, 'tokenizer.json'), draft, 'tokenizer.json') },
          },
          data,
          ...own,
        }
        const version = versionOf(content)
        const manifest: ForeignManifest = { id, version, title: input.title ?? title, ...content }
        writeFileSync(join(draft, 'manifest.json'), JSON.stringify(manifest, null, 2), { flush: true })
        await tryModel(found.model.task, await inference.load({ modelDir: draft, version, device: 'cpu' }))
        renameSync(draft, target)
      } catch (thrown) {
        rmSync(draft, { recursive: true, force: true })
        throw thrown
      } finally {
        adding.delete(id)
      }
      const model = listModels(models).find((one) => one.id === id)!
      return { ...model, standard: false }
    },
  }
  return { handlers }
}

type OwnFields =
  | Pick<TextClassificationManifest, 'kind' | 'behaviours' | 'thresholds' | 'labels' | 'activation' | 'map'>
  | Pick<FeatureExtractionManifest, 'kind' | 'pooling' | 'width'>
  | Pick<CausalLmManifest, 'kind' | 'vocabulary' | 'start' | 'window'>

/** What the manifest of each kind has beside what all have. */
function ownFields({ model, pooling, start }: FoundModel, { map, threshold }: AddInput): OwnFields {
  if (model.task === 'vectors') return { kind: 'feature-extraction', pooling: pooling!, width: model.width! }
  if (model.task === 'surprisal') {
    const vocabulary = model.vocabulary!
    return { kind: 'causal-lm', vocabulary, start, window: windowTokens(model.maxTokens, vocabulary) }
  }
  return {
    kind: 'text-classification',
    behaviours: [...BEHAVIOURS],
    thresholds: {
      verification: threshold,
      backtracking: threshold,
      subgoal_setting: threshold,
      backward_chaining: threshold,
    },
    labels: model.labels,
    activation: model.activation,
    map: mapped(model.labels, map),
  }
}

/** Indices of the labels that stand for behaviours. */
function mapped(labels: readonly string[], map: AddInput['map']) {
  const found = BEHAVIOURS.flatMap((behaviour) => {
    const label = map[behaviour]
    if (label === undefined) return []
    const at = labels.indexOf(label)
    if (at < 0)
      throw new CairnError('bad_request', `The model has no label "${label}"; it has ${labels.join(', ')}.`)
    return [[behaviour, at] as const]
  })
  if (found.length === 0)
    throw new CairnError(
      'bad_request',
      'Map at least one label onto a behaviour: nothing would be predicted.',
    )
  return Object.fromEntries(found)
}

/**
 * Of all that makes a model say what it says. Another model under a name that was used before is another version, whose
 * stored predictions are not taken for its own; the very same one is the same again.
 */
const versionOf = (content: object): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8)

/** Copies a file piece by piece, as it may be large and the engine answers others meanwhile. */
async function take(from: string, folder: string, name: string): Promise<ModelFile> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* noted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  await pipeline(createReadStream(from), noted, createWriteStream(join(folder, name)))
  return { path: name, bytes, sha256: hash.digest('hex') }
}
