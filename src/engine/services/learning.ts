import { performance } from 'node:perf_hooks'
import { z } from 'zod'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { QueuedStep } from '#shared/contract/learning.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'
import { isImplied, isOutright, saidOfSteps } from '#shared/domain/evaluation/judged.ts'
import { joinExamples, type HeadTrace } from '#shared/domain/learning/fit-heads.ts'
import { disagreement, pickDiverse, sentenceKey, type Candidate } from '#shared/domain/learning/queue.ts'
import { mixed, reweight, uniformWeights } from '#shared/domain/learning/reweight.ts'
import { problemKey } from '#shared/domain/problems/group.ts'
import { evenlySpread } from '#shared/domain/random.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { TraceStore } from '../db/traces.ts'
import { ahead } from './ahead.ts'
import { createBreath } from './breath.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { pickSteps, type Ensemble, type LookedTrace, type Looks } from './looks.ts'
import { orStopped } from './or-stopped.ts'

interface Deps {
  jobs: Jobs
  looks: Looks
  traces: TraceStore
  annotations: AnnotationStore
}

const WIDTH = BEHAVIOURS.length
/** Steps among which the queue chooses: those that the heads disagree on most. */
const SHORTLIST = 1500
/** UTF-16 units around a queued step that are told with it. */
const AROUND = 200
/** UTF-16 units of a queued step that are told. */
const TOLD = 2 * AROUND
/** Steps of a longer trace that are looked at: one of 2,000 would take as long as ten others. */
const PART = 200
/** Traces that are looked at together: the processes of the model share them. */
const TOGETHER = 4
/** Traces of which what their labels say is kept. */
const MOST_TOLD = 5_000
/** Steps shorter than this are dividers and numbers of items: nobody learns from them. */
const FEWEST_LETTERS = 12

const QueueInput = z.object({
  model: z.string().optional(),
  annotator: z.string().nullable(),
  filter: Filter,
  count: z.int(),
  traces: z.int(),
  asked: z.array(z.string()).default([]),
  round: z.int().default(0),
})

/** Learning from labels as they are made: how much each head counts, and which step to ask for next. */
export function createLearning({ jobs, looks, traces, annotations }: Deps) {
  const labelledBy = (annotator: string | null): number[] =>
    annotator === null
      ? annotations.labelledTraces()
      : annotations.labelledBy().flatMap((one) => (one.annotator === annotator ? [one.traceId] : []))
  /** What labels say, by trace and by whose they are; what a trace's say is dropped when they change. */
  const kept = new Map<number, Map<string | null, ToldSteps>>()

  /** Steps of every labelled trace, as heads see them; `next` hears of each. */
  const examples = async (
    of: Ensemble,
    annotator: string | null,
    { signal }: Partial<JobContext> = {},
    next: () => void = () => undefined,
  ) => {
    const found: HeadTrace[] = []
    const sentences = new Set<string>()
    const heads = of.names.length
    const breath = createBreath()
    for await (const looked of ahead(labelledBy(annotator), TOGETHER, (id) => looks.logits(of, id))) {
      if (signal?.aborted) break
      if (looked !== null) {
        const { trace, logits } = looked
        const { steps, labels, judged } = toldSteps(looked, annotator)
        const group = problemKey(trace.row.prompt, trace.row.key, trace.textHash)
        if (steps.length > 0)
          found.push({ heads, group, logits: pickSteps(logits, heads * WIDTH, steps), labels })
        for (const sentence of judged) sentences.add(sentence)
      }
      next()
      await breath()
    }
    return { found, sentences }
  }

  /** Steps of which labels tell something, and silence where it may. */
  const toldSteps = (
    { trace, bounds }: Pick<LookedTrace, 'trace' | 'bounds'>,
    annotator: string | null,
  ): ToldSteps => {
    const { id } = trace.row
    const cut = [trace.textHash, trace.segmenter, bounds.length].join()
    const known = kept.get(id)?.get(annotator)
    if (known?.cut === cut) return known
    const own = annotations.ofTrace(id).filter((one) => annotator === null || one.annotator === annotator)
    const labels = saidOfSteps(bounds, own)
    const rowOf = (step: number) => labels.subarray(step * WIDTH, (step + 1) * WIDTH)
    const all = Array.from({ length: bounds.length / 2 }, (_, step) => step)
    const steps = all.filter((step) => rowOf(step).some((label) => label !== UNKNOWN_LABEL))
    const judged = steps
      .filter((step) => rowOf(step).some(isJudged))
      .map((step) => sentenceKey(trace.response.slice(bounds[step * 2], bounds[step * 2 + 1])))
    const says = { cut, steps, labels: pickSteps(labels, WIDTH, steps), judged }
    const others = kept.get(id) ?? new Map<string | null, ToldSteps>()
    if (kept.size < MOST_TOLD) kept.set(id, others)
    others.set(annotator, says)
    return says
  }

  const runQueue = async (input: Json, context: JobContext): Promise<Json> => {
    const { model, annotator, filter, count, traces: most, asked, round } = QueueInput.parse(input)
    const { signal, report } = context
    const of = looks.ensemble(model)
    const heads = of.names.length
    const ids = evenly([...traces.ids(filter)], most, round)
    if (ids.length === 0) throw new CairnError('bad_request', 'There are no traces to choose steps from.')
    const known = labelledBy(annotator).length
    let done = 0
    const next = () => report({ done: ++done, traces: done })
    report({ done, total: known + ids.length, unit: 'traces', note: `${of.model} ${of.version}` })
    const { found, sentences } = await examples(of, annotator, context, next)
    if (signal.aborted) return null
    for (const text of asked) sentences.add(sentenceKey(text))
    const weights = found.length === 0 ? uniformWeights(heads) : reweight(joinExamples(heads, found))
    let best: (Candidate & { item: QueuedStep })[] = []
    let steps = 0
    for await (const looked of ahead(ids, TOGETHER, (id) => looks.at(of, id, PART))) {
      if (signal.aborted) break
      if (looked !== null) {
        steps += looked.bounds.length / 2
        best.push(...candidatesOf(of, looked, weights, sentences))
        if (best.length > 2 * SHORTLIST) best = shortlist(best)
      }
      next()
    }
    const listed = shortlist(best)
    const items = pickDiverse(listed, count, sentences).map((at) => listed[at]!.item)
    return { model: of.model, annotator, traces: ids.length, steps, items }
  }
  jobs.register('queue', (input, context) => orStopped(runQueue(input, context), context.signal))

  const handlers: Pick<ApiHandlers, 'learning.heads' | 'learning.trace' | 'learning.queue'> = {
    async 'learning.heads'({ model, annotator }) {
      const of = looks.ensemble(model)
      const heads = of.names.length
      const { found } = await examples(of, annotator)
      const all = joinExamples(heads, found)
      const began = performance.now()
      const { weights, shifts } = reweight(all)
      const milliseconds = performance.now() - began
      const column = (values: readonly number[], behaviour: number) =>
        values.filter((_, at) => at % WIDTH === behaviour)
      const told = BEHAVIOURS.map((behaviour, at) => [
        behaviour,
        {
          steps: all.labels.filter((label, index) => index % WIDTH === at && isJudged(label)).length,
          weights: column(weights, at),
          shifts: column(shifts, at),
        },
      ])
      return {
        model: of.model,
        version: of.version,
        annotator,
        steps: judgedSteps(all.labels),
        traces: found.length,
        heads: [...of.names],
        behaviours: Object.fromEntries(told) as Record<(typeof BEHAVIOURS)[number], never>,
        milliseconds,
      }
    },
    async 'learning.trace'({ traceId, model, annotator }) {
      const of = looks.ensembleOf(model)
      if (of === null) return null
      const { found } = await examples(of, annotator)
      if (found.length === 0) return null
      const looked = await looks.at(of, traceId)
      return looked === null ? null : mixed(looked.logits, reweight(joinExamples(of.names.length, found)))
    },
    'learning.queue': (input) => jobs.start('queue', input as unknown as Json),
  }
  return {
    handlers,
    examples,
    /** To be told of every trace whose labels have changed. */
    forget: (traceId: number) => void kept.delete(traceId),
  }
}

/** What labels say of a trace's steps. */
interface ToldSteps {
  /** Of which text, and how that is cut. */
  cut: string
  /** Steps of which something is said, and what: these × behaviours. */
  steps: readonly number[]
  labels: Uint8Array
  /** Sentences that somebody has judged, by `sentenceKey`. */
  judged: readonly string[]
}

const isJudged = (label: number): boolean => isOutright(label) || isImplied(label)

/** How many steps somebody has said something of. */
const judgedSteps = (labels: Uint8Array): number =>
  Array.from({ length: labels.length / WIDTH }, (_, step) => step).filter((step) =>
    labels.subarray(step * WIDTH, (step + 1) * WIDTH).some(isJudged),
  ).length

/** Steps of a trace that may be asked for. */
function candidatesOf(
  of: Ensemble,
  { trace, bounds, first, features, logits }: LookedTrace & { first: number },
  weights: ReturnType<typeof uniformWeights>,
  known: ReadonlySet<string>,
): (Candidate & { item: QueuedStep })[] {
  const bits = disagreement(logits, weights)
  const said = mixed(logits, weights)
  const { response, row } = trace
  return Array.from(bits, (own, step) => ({ own, step })).flatMap(({ own, step }) => {
    const [start, end] = [bounds[step * 2]!, bounds[step * 2 + 1]!]
    const text = response.slice(start, end)
    const told = text.slice(0, TOLD)
    if (text.trim().length < FEWEST_LETTERS || [text, told].some((one) => known.has(sentenceKey(one))))
      return []
    const item: QueuedStep = {
      traceId: row.id,
      run: row.run,
      step: first + step,
      start,
      end,
      before: response.slice(Math.max(0, start - AROUND), start),
      text: told,
      after: response.slice(end, end + AROUND),
      bits: own,
      probabilities: [...said.subarray(step * WIDTH, (step + 1) * WIDTH)],
    }
    const { width } = of
    return [
      {
        trace: row.id,
        text,
        disagreement: own,
        features: features.slice(step * width, (step + 1) * width),
        item,
      },
    ]
  })
}

const shortlist = <T extends Candidate>(all: readonly T[]): T[] =>
  all.toSorted((a, b) => b.disagreement - a.disagreement).slice(0, SHORTLIST)

/** So many of the ids, as far from one another as can be; of each round others, while there are any. */
function evenly(ids: readonly number[], most: number, round: number): number[] {
  const count = Math.min(most, ids.length)
  const begin = evenlySpread(round)
  return Array.from({ length: count }, (_, at) => ids[Math.floor(((at + begin) * ids.length) / count)]!)
}
