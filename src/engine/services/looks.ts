import { evenlySpread } from '#shared/domain/random.ts'
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
import type { Placement } from './placement.ts'

/** Numbers kept in memory: those of about 60,000 steps. */
const MOST = 36_000_000
/** Numbers that heads say of labelled traces, kept beside: those of about 260,000 steps. */
const MOST_LOGITS = 24_000_000

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

/** So many neighbouring steps of a trace, from one on. */
interface Part {
  first: number
  steps: number
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
  place,
}: {
  inference: InferenceHost
  models: ModelFolders
  traces: TraceStore
  place: Placement
}) {
  /** By trace, the one used last at the end. */
  const kept = new Map<number, { key: string; look: StepLook }>()
  let size = 0
  /** What heads say of whole traces: these are gone through again and again, so that none gives way to another. */
  const said = new Map<number, { key: string; logits: Float32Array }>()
  let saidSize = 0
  /** Readings that have not come back yet: whoever asks for the same meanwhile waits for them. */
  const underWay = new Map<string, Promise<StepLook>>()
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

  const rememberLogits = (id: number, key: string, logits: Float32Array) => {
    const room = MOST_LOGITS + (said.get(id)?.logits.length ?? 0)
    if (saidSize + logits.length > room) return
    saidSize += logits.length - (said.get(id)?.logits.length ?? 0)
    said.set(id, { key, logits })
  }

  const keyOf = (of: Ensemble, { textHash, segmenter }: FullTrace, all: Uint32Array, part: Part) =>
    [of.model, of.version, textHash, segmenter, all.length, part.first, part.steps].join()

  const read = (
    of: Ensemble & { path: string },
    trace: FullTrace,
    bounds: Uint32Array,
    key: string,
  ): Promise<StepLook> => {
    const name = `${trace.row.id} ${key}`
    const going = underWay.get(name)
    if (going !== undefined) return going
    const reading = async () => {
      const loaded = await inference.load(requestFor(models, { id: of.model, path: of.path }, place({})))
      const [look] = await loaded.look([{ prompt: trace.row.prompt, response: trace.response, bounds }])
      return look!
    }
    const asked = reading().finally(() => underWay.delete(name))
    underWay.set(name, asked)
    return asked
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
      const known = kept.get(traceId)
      const again = (key: string) => {
        if (known?.key !== key) return null
        kept.delete(traceId)
        kept.set(traceId, known)
        return known.look
      }
      const whole = again(keyOf(of, trace, all, { first: 0, steps: all.length / 2 }))
      if (whole !== null) return { trace, bounds: all, first: 0, ...whole }
      const steps = Math.min(most, all.length / 2)
      const first = Math.floor(evenlySpread(traceId) * (all.length / 2 - steps + 1))
      const bounds = all.subarray(first * 2, (first + steps) * 2)
      const key = keyOf(of, trace, all, { first, steps })
      const look = again(key) ?? (await read(of, trace, bounds, key))
      remember(traceId, key, look)
      return { trace, bounds, first, ...look }
    },
    /** What the heads say of a trace, without what they read; null where there is none of this id. */
    async logits(
      of: Ensemble & { path: string },
      traceId: number,
    ): Promise<Omit<LookedTrace, 'features'> | null> {
      const trace = traces.get(traceId)
      if (trace === null) return null
      const bounds = trace.bounds ?? segment(trace.response)
      const key = keyOf(of, trace, bounds, { first: 0, steps: bounds.length / 2 })
      const known = [said.get(traceId), kept.get(traceId)].find((one) => one?.key === key)
      const found = known === undefined ? await read(of, trace, bounds, key) : known
      const logits = 'look' in found ? found.look.logits : found.logits
      rememberLogits(traceId, key, logits)
      return { trace, bounds, logits }
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
