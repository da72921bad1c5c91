import { z } from 'zod'
import { BEHAVIOURS } from '../domain/behaviours.ts'
import type { Contract } from './contract.ts'
import { TraceId } from './common.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

/** Whose labels are learnt from; null: everybody's. */
const Annotator = z.string().min(1).max(200).nullable().default(null)

/** How much the heads of a model's ensemble count by somebody's labels just now. */
export const HeadsNow = z.object({
  model: z.string(),
  version: z.string(),
  annotator: z.string().nullable(),
  /** Steps that were judged, and their traces. */
  steps: z.int(),
  traces: z.int(),
  /** Names of the heads, the model's own first. */
  heads: z.array(z.string()),
  /** Of each behaviour, one for each head: how much it counts, and by how much its class prior is moved. */
  behaviours: z.record(
    z.enum(BEHAVIOURS),
    z.object({ steps: z.int(), weights: z.array(z.number()), shifts: z.array(z.number()) }),
  ),
  /** What the weighing took, without reading traces that had not been looked at yet. */
  milliseconds: z.number(),
})
export type HeadsNow = z.infer<typeof HeadsNow>

/** A step that a label would teach most of. */
export const QueuedStep = z.object({
  traceId: TraceId,
  run: z.string(),
  /** Number of the step, from 0. */
  step: z.int(),
  /** In the response, UTF-16. */
  start: z.int(),
  end: z.int(),
  before: z.string(),
  text: z.string(),
  after: z.string(),
  /** How far the heads disagree, in bits. */
  bits: z.number(),
  /** What the heads say together, in the order of the behaviours. */
  probabilities: z.array(z.number()),
})
export type QueuedStep = z.infer<typeof QueuedStep>

/** Result of a `queue` job. */
export const QueueResult = z.object({
  model: z.string(),
  annotator: z.string().nullable(),
  /** Traces and steps that were looked at. */
  traces: z.int(),
  steps: z.int(),
  items: z.array(QueuedStep),
})
export type QueueResult = z.infer<typeof QueueResult>

export const learning = {
  /** Weighs the heads by the labels of the workspace. Traces that nobody has looked at yet are read first. */
  'learning.heads': {
    input: z.object({ model: z.string().optional(), annotator: Annotator }),
    output: HeadsNow,
  },
  /**
   * What the model says of a trace after having learnt from the labels, as they are now: steps × behaviours in the
   * trace's own steps. Null where the model has no heads, or nobody has labelled anything.
   */
  'learning.trace': {
    input: z.object({ traceId: TraceId, model: z.string().optional(), annotator: Annotator }),
    output: z.custom<Float32Array | null>(),
  },
  /**
   * Looks for the steps that a label would teach most of; the job's result is a `QueueResult`. Never the same sentence
   * twice, none that is labelled and none that was asked for.
   */
  'learning.queue': {
    input: z.object({
      model: z.string().optional(),
      annotator: Annotator,
      filter: Filter.default({}),
      count: z.int().min(1).max(500).default(50),
      /** At most so many traces are looked at, evenly drawn, and others in each round. */
      traces: z.int().min(1).max(5000).default(60),
      round: z.int().min(0).default(0),
      /** Texts of steps, as they were told, that are not asked for again. */
      asked: z.array(z.string()).max(2000).default([]),
    }),
    output: Job,
  },
} satisfies Contract
