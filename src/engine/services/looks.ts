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
/** Fraction of the golden ratio: its multiples are spread evenly between 0 and 1. */
const GOLDEN = 0.618_033_988_749_895

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
    /**
     * Looks at a trace; null where there is none of this id. With `most` only at so many neighbouring steps of a longer
     * one, anywhere in it but always the same: reading takes as long as there are steps.
     */
    async at(
      of: Ensemble & { path: string },
      traceId: number,
      most = Infinity,
    ): Promise<(LookedTrace & { first: number }) | null> {
      const trace = traces.get(traceId)
      if (trace === null) return null
      const all = trace.bounds ?? segment(trace.response)
      const keyOf = (first: number, steps: number) =>
        [of.model, of.version, trace.textHash, trace.segmenter, all.length, first, steps].join()
      const known = kept.get(traceId)
      const again = (key: string) => {
        if (known?.key !== key) return null
        kept.delete(traceId)
        kept.set(traceId, known)
        return known.look
      }
      const whole = again(keyOf(0, all.length / 2))
      if (whole !== null) return { trace, bounds: all, first: 0, ...whole }
      const steps = Math.min(most, all.length / 2)
      const first = Math.floor(((traceId * GOLDEN) % 1) * (all.length / 2 - steps + 1))
      const bounds = all.subarray(first * 2, (first + steps) * 2)
      const key = keyOf(first, steps)
      const part = again(key)
      if (part !== null) return { trace, bounds, first, ...part }
      const loaded = await inference.load(
        requestFor(models, { id: of.model, path: of.path }, { device: 'auto', threads: null }),
      )
      const [look] = await loaded.look([{ prompt: trace.row.prompt, response: trace.response, bounds }])
      remember(traceId, key, look!)
      return { trace, bounds, first, ...look! }
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
