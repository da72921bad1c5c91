import { z } from 'zod'
import { Place } from './classify.ts'
import { Empty, TraceId } from './common.ts'
import type { Contract } from './contract.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

/** A model whose vectors of steps the workspace has. */
export const VectorModel = z.object({ model: z.string(), version: z.string(), traces: z.int() })
export type VectorModel = z.infer<typeof VectorModel>

/** A step where it stands, cut so that it can be read at a glance. */
const FoundStep = z.object({
  traceId: TraceId,
  run: z.string(),
  checkpoint: z.number().nullable(),
  /** What the file says, else Cairn's verdict. */
  correct: z.boolean().nullable(),
  /** Of the trace's steps, the first being 0. */
  step: z.int(),
  /** UTF-16 in the response. */
  start: z.int(),
  end: z.int(),
  before: z.string(),
  text: z.string(),
  after: z.string(),
})

export const SimilarStep = FoundStep.extend({
  /** Cosine of the two vectors, at most 1. */
  similarity: z.number(),
  /** Steps with the very same words that stand behind this one, at least 1: those nearer than any that is left out. */
  same: z.int(),
})
export type SimilarStep = z.infer<typeof SimilarStep>

export const SimilarSteps = z.object({
  model: z.string(),
  version: z.string(),
  /** Steps that were compared, and the milliseconds that took. */
  compared: z.int(),
  milliseconds: z.number(),
  /** What was looked for. */
  text: z.string(),
  /** Too many steps have the same words: what is beyond the nearest 20,000 is neither shown nor counted in `same`. */
  atLeast: z.boolean(),
  steps: z.array(SimilarStep),
})
export type SimilarSteps = z.infer<typeof SimilarSteps>

/** Steps that are like each other. */
export const StepGroup = z.object({
  steps: z.int(),
  /** Mean cosine of its steps to their middle. */
  closeness: z.number(),
  /** Steps nearest to the middle, no two with the same words. */
  examples: z.array(FoundStep),
})
export type StepGroup = z.infer<typeof StepGroup>

export const StepGroups = z.object({
  model: z.string(),
  version: z.string(),
  steps: z.int(),
  groups: z.array(StepGroup),
})
export type StepGroups = z.infer<typeof StepGroups>

const Model = z.object({ model: z.string().optional() })

export const similar = {
  /** Models with vectors of the current steps, the one used last first; of a model's versions the one used last. */
  'similar.models': { input: Empty, output: z.array(VectorModel) },
  /** Makes vectors of the steps of what has none yet. */
  'similar.start': {
    input: Place.extend({ filter: Filter.default({}), model: z.string().optional() }),
    output: Job,
  },
  /**
   * The steps most like a step of a trace, or like a text, by the cosine of their vectors: every vector of the filter
   * is compared.
   * @throws CairnError `not_found` when there are no vectors yet, or no such step
   */
  'similar.find': {
    input: Model.extend({
      like: z.union([
        z.object({ traceId: TraceId, step: z.int().nonnegative() }),
        z.object({ text: z.string().trim().min(1).max(10_000) }),
      ]),
      filter: Filter.default({}),
      /** Leaves the step's own trace out. */
      elsewhere: z.boolean().default(false),
      limit: z.int().min(1).max(500).default(50),
    }),
    output: SimilarSteps,
  },
  /** Sorts steps into groups of like ones (spherical k-means on a sample, the same for the same seed). */
  'similar.groups': {
    input: Model.extend({
      filter: Filter.default({}),
      groups: z.int().min(2).max(200).default(20),
      seed: z
        .int()
        .min(0)
        .max(2 ** 31)
        .default(1),
    }),
    output: StepGroups,
  },
} satisfies Contract
