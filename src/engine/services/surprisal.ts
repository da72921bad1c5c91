import { z } from 'zod'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { ranges } from '#shared/domain/joined.ts'
import type { TokenScores } from '#shared/domain/surprisal/codec.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { ClassificationStore } from '../db/classification.ts'
import type { PendingText } from '../db/pending-texts.ts'
import type { TokenScoreStore } from '../db/token-scores.ts'
import type { InferenceHost } from '../inference/host.ts'
import { findModel, listModels, requestFor, type ModelFolders } from '../inference/models.ts'
import type { ScoredBatch } from '../inference/protocol.ts'
import { SENTENCE } from '../inference/trial.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { forget, runModel } from './model-job.ts'
import { Placed, placeOf, type Placement } from './placement.ts'

interface Deps {
  path: string
  store: TokenScoreStore
  classifications: Pick<ClassificationStore, 'namedModel'>
  jobs: Jobs
  inference: InferenceHost
  models: ModelFolders
  place: Placement
}

const SurprisalInput = Placed.extend({ filter: Filter, model: z.string() })

/** How surprising the tokens of traces are to language models that the workspace has. */
export function createSurprisal(deps: Deps) {
  const { path, store, classifications, jobs, inference, models, place } = deps

  const run = async (input: Json, context: JobContext): Promise<Json> => {
    const { filter, model: name, ...rest } = SurprisalInput.parse(input)
    const model = findModel(models, name, 'surprisal')
    const loaded = await inference.load(requestFor(models, model, placeOf(rest)), context.signal)
    const { id } = classifications.namedModel(model.id, model.version, model.thresholds)
    const scope = { filter, modelId: id }
    let tokens = 0
    const result = await runModel(
      {
        ...{ path, model, loaded, total: store.countPending(scope) },
        pending: store.pending(scope),
        compute: (page) => loaded.score(page.map(({ prompt, response }) => ({ prompt, response }))),
        works: () => loaded.score([SENTENCE]),
        keep(page, batch: ScoredBatch) {
          store.store(id, unpack(page, batch))
          tokens += batch.ends.length
        },
      },
      context,
    )
    await forget(store.dropEarlier(id), context)
    return { ...result, tokens }
  }
  jobs.register('surprisal', run, 'surprisal')

  /** The one that is named, else the one used last, else the only one there is. */
  const usual = (): string => {
    const able = listModels(models).filter(({ tasks }) => tasks.includes('surprisal'))
    const last = store.made().find((one) => able.some(({ id }) => id === one.model))
    const found = last?.model ?? able[0]?.id
    if (found !== undefined) return found
    throw new CairnError(
      'model_missing',
      'There is no language model in the workspace. Take one in with "cairn models add FOLDER", a causal language model exported as ONNX with its tokenizer.json.',
    )
  }

  const handlers: Pick<ApiHandlers, 'surprisal.models' | 'surprisal.start' | 'surprisal.get'> = {
    'surprisal.models': () => store.made(),

    'surprisal.start'({ model = usual(), filter, ...input }) {
      const { id } = findModel(models, model, 'surprisal')
      return jobs.start('surprisal', { model: id, filter, ...place(input) } as unknown as Json)
    },

    'surprisal.get'({ traceId, model }) {
      const known = store.modelsOf(traceId)
      const chosen = known.find((one) => model === undefined || one.model === model)
      const scores = chosen === undefined ? null : store.get(chosen.id, traceId)
      if (chosen === undefined || scores === null) return null
      const others = known.filter(({ id }) => id !== chosen.id).map((one) => one.model)
      return { model: chosen.model, version: chosen.version, others, ...scores }
    },
  }
  return { handlers }
}

function unpack(
  page: readonly PendingText[],
  { tokens, ends, surprisal, entropy }: ScoredBatch,
): (TokenScores & { traceId: number })[] {
  const places = ranges(tokens)
  return page.map(({ id }, index) => {
    const [from, to] = places[index]!
    return {
      traceId: id,
      ends: ends.subarray(from, to),
      surprisal: surprisal.subarray(from, to),
      entropy: entropy.subarray(from, to),
    }
  })
}
