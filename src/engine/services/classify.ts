import { z } from 'zod'
import { Device } from '#shared/contract/classify.ts'
import type { Emit } from '#shared/contract/events.ts'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { Classification, ClassificationStore, PendingTrace } from '../db/classification.ts'
import { typedDbError } from '../db/connection.ts'
import { logicalCores, physicalCores } from '../inference/cores.ts'
import type { InferenceHost } from '../inference/host.ts'
import { findModel, listModels } from '../inference/models.ts'
import type { ClassifiedBatch } from '../inference/protocol.ts'
import type { JobContext, Jobs } from './jobs.ts'

interface Deps {
  path: string
  store: ClassificationStore
  jobs: Jobs
  emit: Emit
  inference: InferenceHost
  modelsDir: string
  /** Of the workspace; `device` and `threads` are used. */
  settings: () => Record<string, Json>
}

/** Text per batch: long enough to keep the model busy, short enough that a cancel is prompt. */
const BATCH_CHARS = 400_000

const ClassifyInput = z.object({
  filter: Filter,
  model: z.string().optional(),
  device: Device,
  threads: z.int().min(1).nullable().default(null),
  force: z.boolean(),
})

/** Where models run unless a call says otherwise. A setting that makes no sense is as good as none. */
const PlaceSettings = z.object({
  device: Device.catch('auto'),
  threads: z.int().min(1).nullable().catch(null),
})

/** Classifies traces into behaviours, page by page; what is stored is never computed again. */
export function createClassify({ path, store, jobs, emit, inference, modelsDir, settings }: Deps) {
  const place = ({ device, threads }: { device?: Device | undefined; threads?: number | undefined }) => {
    const kept = PlaceSettings.parse(settings())
    const wanted = { device: device ?? kept.device, threads: threads ?? kept.threads }
    // A workspace may come from a larger machine.
    return { ...wanted, threads: wanted.threads && Math.min(wanted.threads, logicalCores()) }
  }

  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { filter, model: modelId, device, threads, force } = ClassifyInput.parse(input)
    const model = findModel(modelsDir, modelId)
    const provider = await inference.load(model.path, device, threads)
    const modelRow = store.modelId(model.id, model.version, model.thresholds)
    const pending = store.countPending(filter, modelRow, SEGMENTER_VERSION, force)
    report({
      done: 0,
      total: pending.traces,
      unit: 'traces',
      note: `${model.id} ${model.version} on ${provider.provider}`,
    })

    let done = 0
    let steps = 0
    let after = 0
    const next = () => {
      const page = store.pending(filter, modelRow, SEGMENTER_VERSION, force, after, BATCH_CHARS)
      after = page.at(-1)?.id ?? after
      return page
    }
    const submit = () => {
      const page = next()
      const result =
        page.length === 0
          ? null
          : inference.classify(page.map(({ prompt, response }) => ({ prompt, response })))
      result?.catch(() => undefined)
      return { page, result }
    }
    // One batch is in the model while the one before it is being stored.
    let current = submit()
    while (current.result !== null && !signal.aborted) {
      const following = submit()
      const { page } = current
      const classified = await current.result
      if (signal.aborted) break
      try {
        store.store(modelRow, SEGMENTER_VERSION, unpack(page, classified, model.thresholds))
      } catch (thrown) {
        throw typedDbError(thrown, path)
      }
      done += page.length
      steps += classified.bounds.length / 2
      report({ done, traces: done })
      current = following
    }
    emit('traces.changed', { reason: 'classify' })
    return {
      traces: done,
      steps,
      model: model.id,
      version: model.version,
      provider: provider.provider,
      reason: provider.reason,
    }
  }

  jobs.register('classify', run)

  const handlers: Pick<ApiHandlers, 'models.list' | 'models.machine' | 'models.provider' | 'classify.start'> =
    {
      'models.list': () => listModels(modelsDir),
      'models.machine': () => ({
        physicalCores: physicalCores(),
        logicalCores: logicalCores(),
        modelsDir,
      }),
      'models.provider'(input) {
        const { device, threads } = place(input)
        return inference.load(findModel(modelsDir, undefined).path, device, threads)
      },
      'classify.start': (input) => jobs.start('classify', { ...input, ...place(input) } as unknown as Json),
    }
  return { handlers }
}

function unpack(
  page: readonly PendingTrace[],
  { bounds, steps, probabilities }: ClassifiedBatch,
  thresholds: readonly number[],
): Classification[] {
  let step = 0
  return page.map(({ id }, index) => {
    const from = step
    step += steps[index]!
    // Counts are taken from the probabilities as stored, so that anyone can recount them.
    const stored = decodeProbabilities(
      encodeProbabilities(probabilities.subarray(from * BEHAVIOURS.length, step * BEHAVIOURS.length)),
    )
    return {
      traceId: id,
      bounds: bounds.subarray(from * 2, step * 2),
      probabilities: stored,
      ...countBehaviours(stored, thresholds),
    }
  })
}
