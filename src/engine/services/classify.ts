import { join } from 'node:path'
import { z } from 'zod'
import type { Machine } from '#shared/contract/classify.ts'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { ranges } from '#shared/domain/joined.ts'
import { SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { Classification, ClassificationStore, StepPredictions } from '../db/classification.ts'
import type { PendingText } from '../db/pending-texts.ts'
import { logicalCores, physicalCores } from '../inference/cores.ts'
import { cudaParts, cudaState } from '../inference/cuda-parts.ts'
import type { InferenceHost } from '../inference/host.ts'
import {
  canRun,
  findModel,
  listModels,
  requestFor,
  type ModelFacts,
  type ModelFolders,
} from '../inference/models.ts'
import type { ClassifiedBatch } from '../inference/protocol.ts'
import { SENTENCE } from '../inference/trial.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { runModel } from './model-job.ts'
import { Placed, placeOf, type Placement } from './placement.ts'
import { recountAll } from './recount.ts'

interface Deps {
  path: string
  store: ClassificationStore
  jobs: Jobs
  inference: InferenceHost
  models: ModelFolders
  place: Placement
  /** Of the workspace; `model` is used. */
  settings: () => Record<string, Json>
}

const ClassifyInput = Placed.extend({
  filter: Filter,
  model: z.string().optional(),
  force: z.boolean(),
  beside: z.boolean().default(false),
})

/** What is used unless a call says otherwise. A setting that makes no sense is as good as none. */
const ModelSettings = z.object({ model: z.string().optional().catch(undefined) })

/** Classifies traces into behaviours, page by page; what is stored is never computed again. */
export function createClassify({ path, store, jobs, inference, models, place, settings }: Deps) {
  /** Models at hand that tell behaviours and lack nothing. */
  const able = (): string[] => {
    const all = listModels(models)
    return all.filter((model) => model.tasks.includes('behaviours') && canRun(all, model)).map(({ id }) => id)
  }

  /**
   * The model that the workspace names, else the one it has been using, so that its counts stay comparable, else the
   * most exact one. A workspace may name one that is gone, or whose base is.
   * @throws CairnError `model_invalid` when the most exact one cannot be read, `model_missing` when there is none
   */
  const usual = (): string => {
    const known = able()
    const wanted = [ModelSettings.parse(settings()).model, store.newestModel()]
    return wanted.find((id) => id != null && known.includes(id)) ?? findModel(models).id
  }

  /** The usual model; null where it cannot be read, which takes none of the others away. */
  const readableUsual = (): string | null => {
    try {
      return usual()
    } catch {
      return null
    }
  }

  let cudaThere = false
  /** Processes that were started before the provider was there, whoever added it, run without it. */
  const lookForCuda = async (): Promise<Machine['cuda']> => {
    const cuda = await cudaHere()
    const there = cuda?.there ?? false
    if (there && !cudaThere) inference.renew()
    cudaThere = there
    return cuda
  }

  /**
   * The model's row. An import may have brought predictions that are counted by the sender's thresholds; what the
   * person has not chosen gives way to the model's own.
   */
  const rowOf = async ({ id: name, version, thresholds: own }: ModelFacts, context: JobContext) => {
    const { id, thresholds, chosen } = store.namedModel(name, version, own)
    if (!chosen && thresholds.join() !== own.join()) {
      await recountAll(path, context, (after) => store.recount(id, own, after))
      // Last: where it was stopped, the next job counts all of them anew.
      if (!context.signal.aborted) store.takeOwnThresholds(id, own)
    }
    return id
  }

  const run = async (input: Json, context: JobContext): Promise<Json> => {
    const { filter, model: modelId, force, beside, ...rest } = ClassifyInput.parse(input)
    const model = findModel(models, modelId)
    const loaded = await inference.load(requestFor(models, model, placeOf(rest)), context.signal)
    const id = await rowOf(model, context)
    const scope = { filter, modelId: id, segmenter: SEGMENTER_VERSION, force, beside }
    let steps = 0
    const keep = (results: readonly StepPredictions[]) => {
      // A person may set others while this runs: what was stored before is counted anew, and the rest by them.
      const thresholds = store.thresholds(id)
      const all = results.map((result) => counted(result, thresholds))
      store.store(id, SEGMENTER_VERSION, all, beside)
      steps += results.reduce((sum, { bounds }) => sum + bounds.length / 2, 0)
    }
    /** Shows what the model has said before, which another model has since been shown in the place of. */
    function* restore() {
      let page = store.kept(scope, 0)
      for (; page.length > 0; page = store.kept(scope, page.at(-1)!.traceId)) {
        keep(page)
        yield page.length
      }
    }
    const { traces, ...told } = await runModel(
      {
        ...{ path, model, loaded, total: store.countPending(scope).traces },
        ...(!force && !beside && { restore }),
        pending: store.pending(scope),
        compute: (page) => loaded.classify(page.map(({ prompt, response }) => ({ prompt, response }))),
        works: () => loaded.classify([SENTENCE]),
        keep: (page, batch) => keep(unpack(page, batch)),
      },
      context,
    )
    return { traces, steps, ...told }
  }
  jobs.register('classify', run, 'classify')

  const handlers: Pick<ApiHandlers, 'models.list' | 'models.machine' | 'models.provider' | 'classify.start'> =
    {
      'models.list': () => {
        const standard = readableUsual()
        return listModels(models).map((model) => ({ ...model, standard: model.id === standard }))
      },
      'models.machine': async () => ({
        physicalCores: physicalCores(),
        logicalCores: logicalCores(),
        modelsDir: models[0],
        cuda: await lookForCuda(),
      }),
      async 'models.provider'({ model, ...input }) {
        const found = findModel(models, model ?? usual(), 'any')
        await lookForCuda()
        return (await inference.load(requestFor(models, found, place(input)))).info
      },
      'classify.start': ({ model = usual(), ...input }) =>
        jobs.start('classify', { model, ...input, ...place(input) } as unknown as Json),
    }
  return { handlers, usual }
}

async function cudaHere(): Promise<Machine['cuda']> {
  const parts = cudaParts()
  if (!parts.possible) return null
  const { usable } = await cudaState(parts)
  return { folder: parts.folder, files: parts.files, there: usable }
}

/** Where a workspace keeps models of its own. */
export const ownModels = (workspace: string): string => join(workspace, 'models')

/** Counts are taken from the probabilities as stored, so that anyone can recount them. */
function counted(result: StepPredictions, thresholds: readonly number[]): Classification {
  const stored = decodeProbabilities(encodeProbabilities(result.probabilities))
  return { ...result, probabilities: stored, ...countBehaviours(stored, thresholds) }
}

function unpack(
  page: readonly PendingText[],
  { bounds, steps, probabilities }: ClassifiedBatch,
): StepPredictions[] {
  const places = ranges(steps)
  return page.map(({ id }, index) => {
    const [from, to] = places[index]!
    return {
      traceId: id,
      bounds: bounds.subarray(from * 2, to * 2),
      probabilities: probabilities.subarray(from * BEHAVIOURS.length, to * BEHAVIOURS.length),
    }
  })
}
