import { z } from 'zod'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { ranges } from '#shared/domain/joined.ts'
import { SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { meanDirection } from '#shared/domain/similar/directions.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { ClassificationStore } from '../db/classification.ts'
import type { TraceStore } from '../db/traces.ts'
import type { StepVectors, VectorStore } from '../db/vectors.ts'
import type { PendingText } from '../db/pending-texts.ts'
import type { InferenceHost } from '../inference/host.ts'
import { findModel, LABELLING_MODEL, listModels, requestFor, type ModelFolders } from '../inference/models.ts'
import type { EncodedBatch } from '../inference/protocol.ts'
import { SENTENCE } from '../inference/trial.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { forget, runModel } from './model-job.ts'
import { Placed, placeOf, type Placement } from './placement.ts'
import type { Readers } from './readers.ts'

interface Deps {
  path: string
  store: VectorStore
  classifications: Pick<ClassificationStore, 'namedModel'>
  traces: TraceStore
  readers: Pick<Readers, 'vectors'>
  jobs: Jobs
  inference: InferenceHost
  models: ModelFolders
  place: Placement
}

const VectorsInput = Placed.extend({ filter: Filter, model: z.string() })

/** A model whose vectors are looked at. */
interface Chosen {
  id: number
  model: string
  version: string
}

/** Vectors of steps: made by a job, and compared on a thread of their own. */
export function createSimilar(deps: Deps) {
  const { path, store, classifications, traces, readers, jobs, inference, models, place } = deps

  const run = async (input: Json, context: JobContext): Promise<Json> => {
    const { filter, model: name, ...rest } = VectorsInput.parse(input)
    const model = findModel(models, name, 'vectors')
    const loaded = await inference.load(requestFor(models, model, placeOf(rest)), context.signal)
    const { id } = classifications.namedModel(model.id, model.version, model.thresholds)
    const scope = { filter, modelId: id, segmenter: SEGMENTER_VERSION }
    let steps = 0
    const result = await runModel(
      {
        ...{ path, model, loaded, total: store.countPending(scope) },
        pending: store.pending(scope),
        compute: (page) => loaded.embed(page.map(({ prompt, response }) => ({ prompt, response }))),
        works: () => loaded.embed([SENTENCE]),
        keep(page, batch: EncodedBatch) {
          store.store(id, SEGMENTER_VERSION, batch.width, unpack(page, batch))
          steps += batch.bounds.length / 2
        },
      },
      context,
    )
    await forget(store.dropEarlier(id), context)
    return { ...result, steps }
  }
  jobs.register('vectors', run, 'vectors')

  /** The model that is named, else the one used last. */
  const choose = (model: string | undefined): Chosen => {
    const made = store.made(SEGMENTER_VERSION)
    const found = made.find((one) => model === undefined || one.model === model)
    if (found !== undefined) return found
    throw new CairnError(
      'not_found',
      model === undefined
        ? 'There are no vectors of steps yet. Make them first: "cairn similar --make", or "Make vectors" in the window.'
        : `${model} has made no vectors of steps yet. Make them first: "cairn similar --make --model ${model}".`,
      { vectors: 0 },
    )
  }

  /** Vectors of one trace, or text, by a model that may have to compute them; of two versions they cannot be compared. */
  const embed = async ({ model, version }: Chosen, text: { prompt: string; response: string }) => {
    const found = findModel(models, model, 'vectors')
    if (found.version !== version)
      throw new CairnError(
        'not_found',
        `The vectors of steps are of ${model} ${version}, and ${found.version} is installed now. Make them anew: "cairn similar --make --model ${model}".`,
        { model, vectors: 0 },
      )
    return (await inference.load(requestFor(models, found, place({})))).embed([text])
  }

  /** What is looked for: its vector and its words. */
  const queryOf = async (chosen: Chosen, like: Like): Promise<{ query: Int8Array; text: string }> => {
    if ('text' in like) {
      const { directions, width } = await embed(chosen, { prompt: '', response: like.text })
      if (directions.length === 0)
        throw new CairnError('bad_request', 'There is nothing in the text to compare steps with.')
      return { query: meanDirection(directions, width), text: like.text }
    }
    const { traceId, step } = like
    const trace = traces.get(traceId)
    if (trace === null) throw new CairnError('not_found', `There is no trace ${traceId}.`, { id: traceId })
    const stored = store.ofTrace(chosen.id, traceId, SEGMENTER_VERSION)
    const { bounds, directions } = stored ?? (await embed(chosen, { prompt: trace.row.prompt, ...trace }))
    const steps = bounds.length / 2
    if (step >= steps)
      throw new CairnError('not_found', `Trace ${traceId} has ${steps} steps; there is no step ${step}.`)
    const width = directions.length / steps
    return {
      query: directions.slice(step * width, (step + 1) * width),
      text: trace.response.slice(bounds[step * 2], bounds[step * 2 + 1]),
    }
  }

  const handlers: Pick<ApiHandlers, 'similar.models' | 'similar.start' | 'similar.find' | 'similar.groups'> =
    {
      'similar.models': () =>
        store
          .made(SEGMENTER_VERSION)
          .filter(({ model }, at, all) => all.findIndex((one) => one.model === model) === at)
          .map(({ model, version, traces: count }) => ({ model, version, traces: count })),

      'similar.start'({ model, filter, ...input }) {
        const known = listModels(models)
        const usual = store.made(SEGMENTER_VERSION).find((one) => known.some(({ id }) => id === one.model))
        const { id } = findModel(models, model ?? usual?.model ?? LABELLING_MODEL, 'vectors')
        return jobs.start('vectors', { model: id, filter, ...place(input) } as unknown as Json)
      },

      async 'similar.find'({ model, like, filter, elsewhere, limit }) {
        const chosen = choose(model)
        const { query, text } = await queryOf(chosen, like)
        const without = elsewhere && 'traceId' in like ? like.traceId : null
        const found = await readers.vectors('similar.search', {
          ...{ modelId: chosen.id, query, filter, without, limit },
        })
        return { model: chosen.model, version: chosen.version, text, ...found }
      },

      async 'similar.groups'({ model, ...input }) {
        const chosen = choose(model)
        const found = await readers.vectors('similar.sort', { modelId: chosen.id, ...input })
        return { model: chosen.model, version: chosen.version, ...found }
      },
    }
  return { handlers }
}

type Like = { traceId: number; step: number } | { text: string }

function unpack(
  page: readonly PendingText[],
  { bounds, steps, directions, width }: EncodedBatch,
): StepVectors[] {
  const places = ranges(steps)
  return page.map(({ id }, index) => {
    const [from, to] = places[index]!
    return {
      traceId: id,
      bounds: bounds.subarray(from * 2, to * 2),
      directions: directions.subarray(from * width, to * width),
    }
  })
}
