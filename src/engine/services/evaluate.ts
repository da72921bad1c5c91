import { EvaluateInput, type EvaluationResult, type ReadableError } from '#shared/contract/models.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { carryOver } from '#shared/domain/evaluation/align.ts'
import { diagnose, disagreements, gravity } from '#shared/domain/evaluation/diagnose.ts'
import { evaluate, type EvaluatedTrace } from '#shared/domain/evaluation/evaluate.ts'
import type { LabelledTrace } from '#shared/domain/evaluation/labelled-trace.ts'
import { passage } from '#shared/domain/evaluation/readable.ts'
import { joined, ranges } from '#shared/domain/joined.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { TraceStore } from '../db/traces.ts'
import type { InferenceHost } from '../inference/host.ts'
import { findModel, requestFor, type ModelFolders } from '../inference/models.ts'
import type { ClassifiedBatch } from '../inference/protocol.ts'
import { ahead } from './ahead.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { fromFile, fromWorkspace, throughout, whereJudged, type LabelledItem } from './labelled-traces.ts'
import { Placed, placeOf, type Placement } from './placement.ts'

interface Deps {
  jobs: Jobs
  inference: InferenceHost
  models: ModelFolders
  traces: TraceStore
  annotations: AnnotationStore
  place: Placement
  /** The model that the workspace uses. */
  usual: () => string
}

/** What the job is told, with where its model runs, in full. Jobs of earlier versions say less. */
const EvaluationInput = EvaluateInput.extend(Placed.shape)

/** Text per batch, in UTF-16 units. */
const BATCH_CHARS = 60_000
/** Problems of a file that are told of. */
const PROBLEMS = 20
/** Errors of each behaviour and kind that are kept for reading. */
const ERRORS = 25

type Found = LabelledItem & { trace: LabelledTrace }

/** Measures models against labels. */
export function createEvaluate({ jobs, inference, models, traces, annotations, place, usual }: Deps) {
  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { labels, judged, model: modelId, ...rest } = EvaluationInput.parse(input)
    const model = findModel(models, modelId)
    const loaded = await inference.load(requestFor(models, model, placeOf(rest)), signal)
    const source =
      labels === undefined
        ? fromWorkspace(traces, annotations, judged ? whereJudged : throughout)
        : fromFile(labels, judged)
    report({ total: source.total, unit: source.unit, note: `${model.id} ${model.version}` })

    const problems: string[] = []
    const evaluated: EvaluatedTrace[] = []
    const errors = createErrors(model.thresholds)
    let [invalid, same] = [0, 0]
    async function* batches() {
      let batch: Found[] = []
      let chars = 0
      for await (const item of source.items()) {
        if (signal.aborted) return
        const { trace } = item
        if (trace === null) {
          invalid++
          if (problems.length < PROBLEMS) problems.push(item.problem)
          continue
        }
        batch.push({ ...item, trace })
        chars += trace.response.length
        if (chars < BATCH_CHARS) continue
        yield batch
        batch = []
        chars = 0
      }
      if (batch.length > 0) yield batch
    }
    const classify = async (batch: Found[]) => ({
      batch,
      said: await loaded.classify(batch.map(({ trace: { prompt, response } }) => ({ prompt, response }))),
    })
    for await (const { batch, said } of ahead(batches(), loaded.info.processes + 1, classify)) {
      for (const [item, bounds, probabilities] of unpack(batch, said)) {
        const { trace } = item
        const carried = carryOver(bounds, probabilities, BEHAVIOURS.length, trace.bounds)
        evaluated.push({ ...trace, probabilities: carried })
        errors.add(item, carried)
        same += sameSteps(trace.bounds, bounds)
      }
      report({ done: batch.at(-1)!.done, traces: evaluated.length })
    }
    if (evaluated.length === 0) throw nothing(labels, problems[0])
    const result: EvaluationResult = {
      model: model.id,
      version: model.version,
      provider: loaded.info.provider,
      labels: labels ?? null,
      thresholds: Object.fromEntries(
        BEHAVIOURS.map((behaviour, index) => [behaviour, model.thresholds[index]!]),
      ) as EvaluationResult['thresholds'],
      same_steps: same,
      invalid,
      problems,
      ...evaluate(evaluated, model.thresholds),
      ...diagnose({
        labels: joined(
          Uint8Array,
          evaluated.map((one) => one.labels),
        ),
        probabilities: joined(
          Float32Array,
          evaluated.map((one) => one.probabilities),
        ),
      }),
      errors: errors.gravest(),
    }
    return result
  }
  jobs.register('evaluate', run)

  const handlers: Pick<ApiHandlers, 'models.evaluate'> = {
    'models.evaluate': ({ model = usual(), ...input }) =>
      jobs.start('evaluate', { model, ...input, ...place(input) } as unknown as Json),
  }
  return { handlers }
}

function nothing(labels: string | undefined, problem: string | undefined): CairnError {
  const what =
    labels === undefined
      ? 'No trace of the workspace carries labels of the four behaviours. Label some, or measure on a label file.'
      : `${labels} holds no labelled traces${problem === undefined ? '.' : `: ${problem}`}`
  return new CairnError('bad_request', what, { path: labels ?? null })
}

/** Keeps the gravest errors of each behaviour and kind. */
function createErrors(thresholds: readonly number[]) {
  const kept = new Map<string, ReadableError[]>()
  return {
    add({ trace, line, traceId }: Found, probabilities: Float32Array): void {
      for (const { step, ...found } of disagreements({ labels: trace.labels, probabilities }, thresholds)) {
        const key = found.behaviour + found.kind
        const own = kept.get(key) ?? []
        kept.set(key, own)
        if (own.length >= ERRORS && gravity(own.at(-1)!) >= gravity(found)) continue
        const [begin, end] = [trace.bounds[step * 2]!, trace.bounds[step * 2 + 1]!]
        const place = { source: trace.source, line, traceId, start: begin, end }
        own.push({ ...found, ...place, ...passage(trace.response, begin, end) })
        own.sort((a, b) => gravity(b) - gravity(a)).splice(ERRORS)
      }
    },
    gravest: (): ReadableError[] => [...kept.values()].flat().sort((a, b) => gravity(b) - gravity(a)),
  }
}

function* unpack(
  batch: readonly Found[],
  { bounds, steps, probabilities }: ClassifiedBatch,
): Generator<[Found, Uint32Array, Float32Array]> {
  const places = ranges(steps)
  for (const [index, item] of batch.entries()) {
    const [from, to] = places[index]!
    yield [
      item,
      bounds.subarray(from * 2, to * 2),
      probabilities.subarray(from * BEHAVIOURS.length, to * BEHAVIOURS.length),
    ]
  }
}

function sameSteps(left: Uint32Array, right: Uint32Array): number {
  const known = new Map<number, number>()
  for (let at = 0; at < right.length; at += 2) known.set(right[at]!, right[at + 1]!)
  let same = 0
  for (let at = 0; at < left.length; at += 2) if (known.get(left[at]!) === left[at + 1]) same++
  return same
}
