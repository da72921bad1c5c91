import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { z } from 'zod'
import type { Emit } from '#shared/contract/events.ts'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { FEWEST_EXAMPLES, OwnId, thresholdOf, type OwnBehaviour, type OwnHead } from '#shared/contract/own.ts'
import { countOne } from '#shared/domain/counts.ts'
import { markedSteps } from '#shared/domain/evaluation/align.ts'
import { warningOf, type LearnedOwn, type OwnTrace } from '#shared/domain/learning/own-head.ts'
import { linearOnnx } from '#shared/domain/models/onnx-linear.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import { segment, SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { OwnResult, OwnStore } from '../db/own.ts'
import { pagesOf } from '../db/pending-texts.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import { createAtomicFile } from '../exporters/atomic.ts'
import type { InferenceHost } from '../inference/host.ts'
import { requestFor, type ModelFolders } from '../inference/models.ts'
import type { SegmentedTrace } from '../inference/step-model.ts'
import { SENTENCE } from '../inference/trial.ts'
import type { History } from './history.ts'
import type { JobContext, Jobs } from './jobs.ts'
import type { Looks } from './looks.ts'
import { runModel } from './model-job.ts'
import { orStopped } from './or-stopped.ts'
import type { Placement } from './placement.ts'
import { recountAll } from './recount.ts'
import { requireSpan } from './require-span.ts'

interface Deps {
  path: string
  jobs: Jobs
  store: OwnStore
  history: History
  traces: TraceStore
  looks: Looks
  inference: InferenceHost
  models: ModelFolders
  clock: Clock
  emit: Emit
  place: Placement
}

const OfBehaviour = z.object({ behaviour: OwnId })
const FindInput = z.object({ behaviour: OwnId, filter: Filter })

/** Behaviours of people's own: labels of them, heads that learn them in seconds, and where those find them. */
export function createOwn(deps: Deps) {
  const { path, jobs, store, history, traces, looks, inference, models, clock, emit, place } = deps
  const folder = join(path, 'behaviours')
  const { require } = store
  const requireTrace = (id: number): FullTrace => {
    const found = traces.get(id)
    if (found === null) throw new CairnError('not_found', `There is no trace ${id}.`, { id })
    return found
  }

  const train = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { behaviour } = OfBehaviour.parse(input)
    const { name, head: before } = require(behaviour)
    const examples = store.examples(behaviour)
    if (examples < FEWEST_EXAMPLES)
      throw new CairnError(
        'bad_request',
        `“${name}” has ${examples} examples. A head is trained on ${FEWEST_EXAMPLES} or more: label ${FEWEST_EXAMPLES - examples} more.`,
        { behaviour },
      )
    const of = looks.ensemble()
    const ids = store.labelledTraces(behaviour)
    report({ done: 0, total: ids.length, unit: 'traces', note: name })
    const learning: OwnTrace[] = []
    for (const [index, traceId] of ids.entries()) {
      const looked = await orStopped(looks.at(of, traceId), signal)
      if (signal.aborted) return null
      if (looked !== null) {
        const seen = store
          .labels(traceId)
          .filter((one) => one.behaviour === behaviour && one.verdict === 'present')
        learning.push({ features: looked.features, labels: markedSteps(looked.bounds, seen) })
      }
      report({ done: index + 1, traces: index + 1 })
    }
    if (learning.length < 2)
      throw new CairnError(
        'bad_request',
        `All examples of “${name}” are in one trace, so nothing can be left out to measure by. Label another trace.`,
        { behaviour },
      )
    const began = performance.now()
    const learned = await inference.learnOwn(of.width, learning, signal)
    const seconds = (performance.now() - began) / 1000
    const { weights: _, ...told } = learned
    const version = Math.max(before?.version ?? 0, store.newestVersion(behaviour)) + 1
    const file = `${behaviour}-${version}.onnx`
    const sha256 = await write(join(folder, file), learned)
    const head: OwnHead = {
      ...told,
      ...{ version, file, sha256, seconds, traces: learning.length, chosen: null },
      ...{ model: of.model, modelVersion: of.version, at: clock.now() },
      warning: warningOf(told),
    }
    store.setHead(behaviour, head)
    if (before !== null) rmSync(join(folder, before.file), { force: true })
    emit('own.changed', {})
    return head
  }

  const write = async (file: string, { weights }: LearnedOwn): Promise<string> => {
    mkdirSync(folder, { recursive: true })
    const atomic = await createAtomicFile(file, { overwrite: true })
    try {
      await atomic.write(linearOnnx(Float32Array.from(weights.subarray(0, -1)), weights.at(-1)!))
      const { sha256 } = await atomic.close()
      await atomic.commit()
      return sha256
    } catch (thrown) {
      await atomic.abort()
      throw thrown
    }
  }

  const find = async (input: Json, context: JobContext): Promise<Json> => {
    const { behaviour, filter } = FindInput.parse(input)
    const { name, head } = require(behaviour)
    if (head === null)
      throw new CairnError('bad_request', `“${name}” has no head yet: train it first.`, { behaviour })
    const of = looks.ensemble(head.model)
    if (of.version !== head.modelVersion)
      throw new CairnError(
        'bad_request',
        `“${name}” was trained on ${head.model} ${head.modelVersion}, and ${of.version} is installed. Train it again.`,
        { behaviour },
      )
    const loaded = await inference.load(
      requestFor(models, { id: of.model, path: of.path }, place({})),
      context.signal,
    )
    // A person may set another while this runs, and a head that is trained meanwhile brings its own.
    const threshold = () => {
      const now = store.head(behaviour)
      return thresholdOf(now?.version === head.version ? now : head)
    }
    const ids = store.pending(behaviour, head.version, filter)
    const ask = (segmented: readonly SegmentedTrace[]) =>
      loaded.applyOwn(segmented, { file: join(folder, head.file), sha256: head.sha256 }, of.width)
    let found = 0
    const {
      traces: done,
      failed,
      failures,
    } = await runModel(
      {
        ...{ path, loaded, total: ids.length, note: name },
        model: { id: of.model, version: of.version, kind: 'encoder' },
        pending: pagesOf<Asked>(
          () => ids,
          (id) => askedOf(traces.get(id)),
        ),
        compute: (page) => ask(page.map(({ prompt, response, bounds }) => ({ prompt, response, bounds }))),
        works: () => ask([{ ...SENTENCE, bounds: segment(SENTENCE.response) }]),
        keep(page, said) {
          const maker = { ...head, threshold: threshold() }
          const results = page.map((trace, at) => counted(trace, said[at]!, maker.threshold))
          store.store(behaviour, maker, results)
          found += results.reduce((sum, { steps }) => sum + steps, 0)
        },
      },
      context,
    )
    return { behaviour, traces: done, found, failed, failures }
  }

  const recount = async (input: Json, context: JobContext): Promise<Json> => {
    const { behaviour } = OfBehaviour.parse(input)
    const { name, head } = require(behaviour)
    if (head === null) return null
    const total = store.predictedBy(behaviour, head.version)
    context.report({ done: 0, total, unit: 'traces', note: name })
    const done = await recountAll(path, context, (after) => store.recount(behaviour, head, after))
    emit('own.changed', {})
    return { behaviour, traces: done }
  }
  jobs.register('own-train', train)
  jobs.register('own-classify', find, 'classify')
  jobs.register('own-recount', recount, 'classify')

  const handlers: Pick<
    ApiHandlers,
    | 'own.create'
    | 'own.remove'
    | 'own.restore'
    | 'own.label'
    | 'own.trace'
    | 'own.train'
    | 'own.classify'
    | 'own.threshold'
  > = {
    'own.create': ({ name, description, annotator }) =>
      history.perform({ traceId: null, annotator }, () => {
        const made = store.create(name, description, clock.now())
        if (made === null)
          throw new CairnError('conflict', `There is a behaviour called “${name}” already.`, { name })
        const result: OwnBehaviour = { ...made, examples: 0, classified: 0, found: 0, outdated: 0 }
        return { result, changes: [{ kind: 'own', before: null, after: { id: made.id, name } }] }
      }),
    // Labels, head and what that said stay where they are, so that the history can put all of it back.
    'own.remove': ({ behaviour, annotator }) =>
      history.perform<{ removed: boolean }>({ traceId: null, annotator }, () => {
        const found = store.find(behaviour)
        if (found === null) return { result: { removed: false }, changes: [] }
        store.remove(behaviour)
        const before = { id: behaviour, name: found.name }
        return { result: { removed: true }, changes: [{ kind: 'own', before, after: null }] }
      }),
    'own.restore': ({ behaviour, annotator }) =>
      history.perform<{ restored: boolean }>({ traceId: null, annotator }, () => {
        if (!store.restore(behaviour)) return { result: { restored: false }, changes: [] }
        const after = { id: behaviour, name: require(behaviour).name }
        return { result: { restored: true }, changes: [{ kind: 'own', before: null, after }] }
      }),
    'own.label'({ traceId, behaviour, span, annotator, verdict }) {
      const { name } = require(behaviour)
      const trace = requireTrace(traceId)
      requireSpan(span, trace)
      const place = { traceId, behaviour, ...span, annotator }
      return history.perform({ traceId, annotator }, () => {
        const before = store.label(place)
        const { textHash } = trace
        const after = verdict === null ? null : { ...place, verdict, at: clock.now(), textHash }
        if (after !== null) store.putLabel(after)
        else store.dropLabel(place)
        const changed = before?.verdict !== after?.verdict
        return {
          result: store.labels(traceId),
          changes: changed ? [{ kind: 'own-label', name, before, after }] : [],
        }
      })
    },
    'own.trace': ({ traceId }) => ({
      labels: store.labels(traceId),
      predictions: store.predictions(traceId),
    }),
    'own.train': (input) => jobs.start('own-train', input),
    'own.classify': (input) => jobs.start('own-classify', input as unknown as Json),
    'own.threshold'({ behaviour, threshold }) {
      const { name, head } = require(behaviour)
      if (head === null)
        throw new CairnError('bad_request', `“${name}” has no head yet: train it first.`, { behaviour })
      store.setHead(behaviour, { ...head, chosen: threshold })
      return jobs.start('own-recount', { behaviour })
    },
  }
  return { handlers }
}

/** A trace as a head is asked about it. */
interface Asked extends SegmentedTrace {
  id: number
  segmenter: number
}

function askedOf(trace: FullTrace | null): Asked | null {
  if (trace === null) return null
  const { row, response, bounds, segmenter } = trace
  const steps = { bounds: bounds ?? segment(response), segmenter: segmenter ?? SEGMENTER_VERSION }
  return { id: row.id, prompt: row.prompt, response, ...steps }
}

function counted({ id, segmenter }: Asked, said: Float32Array, threshold: number): OwnResult {
  // As they will be read again, so that counting anew gives the same.
  const probabilities = decodeProbabilities(encodeProbabilities(said))
  return { traceId: id, segmenter, probabilities, ...countOne(probabilities, threshold) }
}
