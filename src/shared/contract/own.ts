import { z } from 'zod'
import { SpanSchema, TraceId } from './common.ts'
import type { Contract } from './contract.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'
import { Verdict } from './labels.ts'
import type { ThresholdCounts } from './models.ts'

export const OwnId = z.int().positive()

/** Characters of a behaviour's name at most. */
export const LONGEST_NAME = 60

/** What was found when a head was trained; figures are of traces that were left out. */
export const OwnHead = z.object({
  /** Counts the trainings of the behaviour. */
  version: z.int(),
  /** The model whose features it reads. */
  model: z.string(),
  modelVersion: z.string(),
  /** File in the workspace's folder `behaviours`, and its SHA-256. */
  file: z.string(),
  sha256: z.string(),
  /** As it was learnt. */
  threshold: z.number(),
  /** What a person would rather count by; null where they have not said. */
  chosen: z.number().min(0).max(1).nullable().default(null),
  traces: z.int(),
  steps: z.int(),
  examples: z.int(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
  /** F1 of saying it of every step: what has to be beaten. */
  chance: z.number(),
  seconds: z.number(),
  /** In words, where it is too weak to rely on; else empty. */
  warning: z.string(),
  at: z.string(),
})
export type OwnHead = z.infer<typeof OwnHead>

/** From which probability on a step counts as showing the behaviour. */
export const thresholdOf = ({ threshold, chosen }: Pick<OwnHead, 'threshold' | 'chosen'>): number =>
  chosen ?? threshold

export const OwnBehaviour = z.object({
  id: OwnId,
  name: z.string(),
  description: z.string(),
  /** Labels that affirm it. */
  examples: z.int(),
  /** Traces that its head has classified, and steps in them that show it. */
  classified: z.int(),
  found: z.int(),
  /** Traces that only an older head has looked at, or of which the steps are others since: they count nowhere. */
  outdated: z.int(),
  head: OwnHead.nullable(),
})
export type OwnBehaviour = z.infer<typeof OwnBehaviour>

export const OwnLabel = z.object({
  behaviour: OwnId,
  start: z.int(),
  end: z.int(),
  annotator: z.string(),
  verdict: Verdict,
})
export type OwnLabel = z.infer<typeof OwnLabel>

/** What a head says of a trace: one probability for each of its steps. */
export interface OwnPrediction {
  behaviour: number
  version: number
  threshold: number
  probabilities: Float32Array
}

const Annotator = z.string().min(1).max(200)

/** How few examples a head is trained on at least. */
export const FEWEST_EXAMPLES = 20

export const own = {
  'own.list': { input: z.object({}), output: z.array(OwnBehaviour) },
  'own.create': {
    input: z.object({
      name: z.string().trim().min(1).max(LONGEST_NAME),
      description: z.string().trim().max(500).default(''),
      annotator: Annotator.nullable().default(null),
    }),
    output: OwnBehaviour,
  },
  /** Removes a behaviour with its labels, its head and what that said; `history.undo` puts all of it back. */
  'own.remove': {
    input: z.object({ behaviour: OwnId, annotator: Annotator.nullable().default(null) }),
    output: z.object({ removed: z.boolean() }),
  },
  /**
   * Puts a removed behaviour back with all that belonged to it; false when it was there. Where another has its name by
   * now it gets a number after it: “Unit check (2)”.
   */
  'own.restore': {
    input: z.object({ behaviour: OwnId, annotator: Annotator.nullable().default(null) }),
    output: z.object({ restored: z.boolean() }),
  },
  /** Says of a span whether it shows a behaviour; `verdict` null takes back what the person has said. */
  'own.label': {
    input: z.object({
      traceId: TraceId,
      behaviour: OwnId,
      span: SpanSchema,
      annotator: Annotator,
      verdict: Verdict.nullable(),
    }),
    output: z.array(OwnLabel),
  },
  /** Labels of a trace, and what heads have said of it. */
  'own.trace': {
    input: z.object({ traceId: TraceId }),
    output: z.object({ labels: z.array(OwnLabel), predictions: z.custom<OwnPrediction[]>() }),
  },
  /**
   * Trains a head on at least `FEWEST_EXAMPLES` examples; the job's result is an `OwnHead`. Steps of labelled traces
   * that nobody says show the behaviour count as not showing it.
   */
  'own.train': { input: z.object({ behaviour: OwnId }), output: Job },
  /** Has the head look for the behaviour in every trace of the filter that it has not looked at yet. */
  'own.classify': { input: z.object({ behaviour: OwnId, filter: Filter.default({}) }), output: Job },
  /** What its head's predictions would count at every threshold. */
  'own.spread': { input: z.object({ behaviour: OwnId }), output: z.custom<ThresholdCounts>() },
  /** Counts what its head predicts with another threshold from now on; null takes the learnt one again. */
  'own.threshold': {
    input: z.object({ behaviour: OwnId, threshold: z.number().min(0).max(1).nullable() }),
    output: Job,
  },
  /** How often the behaviour shows in each trace that its head has looked at, most first. */
  'own.counts': {
    input: z.object({ behaviour: OwnId, limit: z.int().min(1).max(100_000).default(100) }),
    output: z.array(z.object({ traceId: TraceId, run: z.string(), steps: z.int(), episodes: z.int() })),
  },
} satisfies Contract
