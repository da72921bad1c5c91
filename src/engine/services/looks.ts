import { evenlySpread } from '#shared/domain/random.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import type { InferenceHost, LoadedModel } from '../inference/host.ts'
import {
  findModel,
  LABELLING_MODEL,
  readManifest,
  requestFor,
  type ModelFolders,
} from '../inference/models.ts'
import type { LoadRequest } from '../inference/protocol.ts'
import type { StepLook } from '../inference/step-model.ts'
import type { Placed, Placement } from './placement.ts'

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
  /** Its folder. */
  readonly path: string
  /** Where it runs. */
  readonly place: Placed
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
  /** The model that has said it. */
  let saidBy = ''
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
  const recall = (id: number, key: string): StepLook | null => {
    const known = kept.get(id)
    if (known?.key !== key) return null
    kept.delete(id)
    kept.set(id, known)
    return known.look
  }
  const forget = (id: number) => {
    const former = kept.get(id)
    if (former === undefined) return
    size -= sizeOf(former.look)
    kept.delete(id)
  }

  const rememberLogits = ({ model, version }: Ensemble, id: number, key: string, logits: Float32Array) => {
    const by = `${model} ${version}`
    if (by !== saidBy) {
      said.clear()
      saidSize = 0
      saidBy = by
    }
    const more = logits.length - (said.get(id)?.logits.length ?? 0)
    if (saidSize + more > MOST_LOGITS) return
    saidSize += more
    // What came over from the process may be a view of all of its message.
    said.set(id, { key, logits: logits.slice() })
  }

  /** The model that was loaded last: loading goes to the first process, behind what that is at. */
  let latest: { key: string; loading: Promise<LoadedModel> } | null = null
  const load = (request: LoadRequest) => {
    const key = JSON.stringify(request)
    if (latest?.key !== key) latest = { key, loading: inference.load(request) }
    return latest.loading
  }

  const keyOf = (of: Ensemble, { textHash, segmenter }: FullTrace, all: Uint32Array, part: Part) =>
    [of.model, of.version, textHash, segmenter, all.length, part.first, part.steps].join()

  const read = (of: Ensemble, trace: FullTrace, bounds: Uint32Array, key: string): Promise<StepLook> => {
    const name = `${trace.row.id} ${key}`
    const going = underWay.get(name)
    if (going !== undefined) return going
    const reading = async () => {
      const loading = load(requestFor(models, { id: of.model, path: of.path }, of.place))
      try {
        const loaded = await loading
        const [look] = await loaded.look([{ prompt: trace.row.prompt, response: trace.response, bounds }])
        return look!
      } catch (thrown) {
        // Where it ran it may run no more: another time it is loaded anew.
        if (latest?.loading === loading) latest = null
        throw thrown
      }
    }
    const asked = reading().finally(() => underWay.delete(name))
    underWay.set(name, asked)
    return asked
  }

  const lookAt = async (
    of: Ensemble,
    trace: FullTrace,
    bounds: Uint32Array,
    key: string,
  ): Promise<StepLook> => {
    const { id } = trace.row
    const known = recall(id, key)
    if (known !== null) return known
    const look = await read(of, trace, bounds, key)
    remember(id, key, look)
    return look
  }

  /**
   * The ensemble of a model, or of the one it was adapted from; it runs where the settings say unless that is said.
   * @throws CairnError `model_missing`, `bad_request` where the model has none
   */
  const ensemble = (id: string = LABELLING_MODEL, where: Placed = place({})): Ensemble => {
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
    const { version, thresholds, path } = own
    return { model: own.id, version, names, width, thresholds, path, place: where }
  }

  return {
    ensemble,
    /** The same; null where there is none. */
    ensembleOf(id?: string): Ensemble | null {
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
      of: Ensemble,
      traceId: number,
      most = Infinity,
    ): Promise<(LookedTrace & { first: number }) | null> {
      const trace = traces.get(traceId)
      if (trace === null) return null
      const all = trace.bounds ?? segment(trace.response)
      const whole = recall(traceId, keyOf(of, trace, all, { first: 0, steps: all.length / 2 }))
      if (whole !== null) return { trace, bounds: all, first: 0, ...whole }
      const steps = Math.min(most, all.length / 2)
      const first = Math.floor(evenlySpread(traceId) * (all.length / 2 - steps + 1))
      const bounds = all.subarray(first * 2, (first + steps) * 2)
      const key = keyOf(of, trace, all, { first, steps })
      return { trace, bounds, first, ...(await lookAt(of, trace, bounds, key)) }
    },
    /** What the heads say of a trace, without what they read; null where there is none of this id. */
    async logits(of: Ensemble, traceId: number): Promise<Omit<LookedTrace, 'features'> | null> {
      const trace = traces.get(traceId)
      if (trace === null) return null
      const bounds = trace.bounds ?? segment(trace.response)
      const key = keyOf(of, trace, bounds, { first: 0, steps: bounds.length / 2 })
      const known = said.get(traceId)
      if (known?.key === key) return { trace, bounds, logits: known.logits }
      const { logits } = await lookAt(of, trace, bounds, key)
      rememberLogits(of, traceId, key, logits)
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
