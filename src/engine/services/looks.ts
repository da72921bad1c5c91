import { segment } from '#shared/domain/segment/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import type { InferenceHost } from '../inference/host.ts'
import {
  findModel,
  LABELLING_MODEL,
  readManifest,
  requestFor,
  type ModelFolders,
} from '../inference/models.ts'
import type { StepLook } from '../inference/step-model.ts'

/** Numbers kept in memory: those of about 60,000 steps. */
const MOST = 36_000_000

/** A model with an ensemble of heads, whose steps can be looked at. */
export interface Ensemble {
  readonly model: string
  readonly version: string
  readonly names: readonly string[]
  /** Features of a step. */
  readonly width: number
  readonly thresholds: readonly number[]
}

/** A trace's steps with what the ensemble reads and says of them. */
export interface LookedTrace extends StepLook {
  readonly trace: FullTrace
  /** `[start0, end0, …]`, UTF-16. */
  readonly bounds: Uint32Array
}

export type Looks = ReturnType<typeof createLooks>

/**
 * What an ensemble reads and says of the steps of single traces: computed when it is asked for, and remembered, so that
 * what follows a label costs milliseconds.
 */
export function createLooks({
  inference,
  models,
  traces,
}: {
  inference: InferenceHost
  models: ModelFolders
  traces: TraceStore
}) {
  /** By trace, the one used last at the end. */
  const kept = new Map<number, { key: string; look: StepLook }>()
  let size = 0
  const sizeOf = ({ features, logits }: StepLook) => features.length + logits.length

  const remember = (id: number, key: string, look: StepLook) => {
    forget(id)
    kept.set(id, { key, look })
    size += sizeOf(look)
    for (const [old] of kept) {
      if (size <= MOST || old === id) break
      forget(old)
    }
  }
  const forget = (id: number) => {
    const former = kept.get(id)
    if (former === undefined) return
    size -= sizeOf(former.look)
    kept.delete(id)
  }

  /**
   * The ensemble of a model, or of the one it was adapted from.
   * @throws CairnError `model_missing`, `bad_request` where the model has none
   */
  const ensemble = (id: string = LABELLING_MODEL): Ensemble & { path: string } => {
    const model = findModel(models, id)
    const own = model.base === null ? model : findModel(models, model.base)
    const manifest = readManifest(own.path)
    if (manifest.kind !== 'encoder' || manifest.heads === undefined)
      throw new CairnError(
        'bad_request',
        `${own.id} has no ensemble of heads that labels could choose among. Use ${LABELLING_MODEL}.`,
        { model: own.id },
      )
    const { names, width } = manifest.heads
    return { model: own.id, version: own.version, names, width, thresholds: own.thresholds, path: own.path }
  }

  return {
    ensemble,
    /** The same; null where there is none. */
    ensembleOf(id?: string): ReturnType<typeof ensemble> | null {
      try {
        return ensemble(id)
      } catch (thrown) {
        if (thrown instanceof CairnError) return null
        throw thrown
      }
    },
    /** Looks at a trace; null where there is none of this id. */
    async at(of: Ensemble & { path: string }, traceId: number): Promise<LookedTrace | null> {
      const trace = traces.get(traceId)
      if (trace === null) return null
      const bounds = trace.bounds ?? segment(trace.response)
      const key = [of.model, of.version, trace.textHash, trace.segmenter, bounds.length].join()
      const known = kept.get(traceId)
      if (known?.key === key) {
        kept.delete(traceId)
        kept.set(traceId, known)
        return { trace, bounds, ...known.look }
      }
      const loaded = await inference.load(
        requestFor(models, { id: of.model, path: of.path }, { device: 'auto', threads: null }),
      )
      const [look] = await loaded.look([{ prompt: trace.row.prompt, response: trace.response, bounds }])
      remember(traceId, key, look!)
      return { trace, bounds, ...look! }
    },
  }
}

/** Steps of the given numbers only, of values that each step has `width` of. */
export function pickSteps<T extends Float32Array | Uint8Array>(
  values: T,
  width: number,
  steps: readonly number[],
): T {
  const Kind = values.constructor as new (length: number) => T
  const picked = new Kind(steps.length * width)
  steps.forEach((step, at) => picked.set(values.subarray(step * width, (step + 1) * width), at * width))
  return picked
}
