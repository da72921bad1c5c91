import { z } from 'zod'
import { BatchTokens, Device, Precision, type ProviderInfo } from '#shared/contract/classify.ts'
import type { Contract } from '#shared/contract/contract.ts'
import type { Learned, LearningTrace } from '#shared/domain/adapt/fit.ts'
import { HeadWeightsSchema } from '#shared/domain/models/manifest.ts'
import type { HeadTrace, LearnedHeads } from '#shared/domain/learning/fit-heads.ts'
import type { LearnedOwn, OwnTrace } from '#shared/domain/learning/own-head.ts'
import { logicalCores } from './cores.ts'
import { OwnHeadFile } from './own-heads.ts'
import type { SegmentedTrace, StepLook } from './step-model.ts'

/** Steps and probabilities of several traces, flattened so that they cross as three arrays. */
export interface ClassifiedBatch {
  /** Boundaries of all traces, one after another, `[start0, end0, …]`, UTF-16 within each trace. */
  bounds: Uint32Array
  /** Steps of each trace. */
  steps: Uint32Array
  /** All steps × behaviours, row-major. */
  probabilities: Float32Array
}

/** Directions of the steps of several traces, flattened as `ClassifiedBatch`. */
export interface EncodedBatch {
  bounds: Uint32Array
  steps: Uint32Array
  width: number
  /** All steps × `width`, row-major. */
  directions: Int8Array
}

/** How surprising the tokens of several traces are, flattened as `ClassifiedBatch`. */
export interface ScoredBatch {
  /** Tokens of each trace. */
  tokens: Uint32Array
  /** Where each token ends, UTF-16 within its trace's response. */
  ends: Uint32Array
  /** −log₂ p of each token, and the entropy of what was expected in its place, in bits. */
  surprisal: Float32Array
  entropy: Float32Array
}

/** An input or output: `shape` has a number where the size is fixed, a name where it is not. */
const Port = z.object({
  name: z.string(),
  type: z.string(),
  shape: z.array(z.union([z.number(), z.string()])),
})
export type Port = z.infer<typeof Port>

const Texts = z.array(z.object({ prompt: z.string(), response: z.string() }))

/** Which model to load, and where it is to run; `threads` as in `ProviderInfo`. What is left out is said here only. */
export const LoadRequest = z.object({
  modelDir: z.string(),
  /** The version that is meant: a folder may come to hold another model. Null: whichever is there. */
  version: z.string().nullable().default(null),
  device: Device.default('auto'),
  /** No more than there are: a job may come from a larger machine. */
  threads: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .transform((threads) => threads && Math.min(threads, logicalCores())),
  precision: Precision.default('auto'),
  /** Tokens given to the model at once; null: as many as suit the device. */
  batch: BatchTokens.nullable().default(null),
  /** How its answers are changed to a person's labels; null: not at all. */
  adaptation: z
    .union([z.object({ weights: z.array(z.number()) }), z.object({ heads: HeadWeightsSchema })])
    .nullable()
    .default(null),
})
export type LoadRequest = z.input<typeof LoadRequest>
/** The same, complete. */
export type Loading = z.output<typeof LoadRequest>

/** What the inference process does: one piece of work at a time. */
export const inference = {
  load: {
    input: LoadRequest,
    output: z.custom<ProviderInfo>(),
  },
  /** Segments, featurises and classifies; a pure function of the texts and the model. */
  classify: {
    input: z.object({ model: LoadRequest, traces: Texts }),
    output: z.custom<ClassifiedBatch>(),
  },
  /** What the model's ensemble reads and says of steps that are cut already. */
  look: {
    input: z.object({ model: LoadRequest, traces: z.custom<SegmentedTrace[]>() }),
    output: z.custom<StepLook[]>(),
  },
  /** What a head of a person's own says of steps that are cut already: one probability for each. */
  applyOwn: {
    input: z.object({
      model: LoadRequest,
      traces: z.custom<SegmentedTrace[]>(),
      head: OwnHeadFile,
      width: z.int(),
    }),
    output: z.custom<Float32Array[]>(),
  },
  /** Trains a head for a behaviour of a person's own. */
  learnOwn: {
    input: z.object({ width: z.int(), traces: z.custom<OwnTrace[]>() }),
    output: z.custom<LearnedOwn>(),
  },
  /** Segments, and makes a vector of each step; as pure. */
  embed: {
    input: z.object({ model: LoadRequest, traces: Texts }),
    output: z.custom<EncodedBatch>(),
  },
  /** Says how surprising each token of the responses is after what stands before it; as pure. */
  score: {
    input: z.object({ model: LoadRequest, traces: Texts }),
    output: z.custom<ScoredBatch>(),
  },
  /** A model's inputs and outputs: tensors with their type and shape, where the file tells it. */
  inspect: {
    input: z.object({ file: z.string() }),
    output: z.object({ inputs: z.array(Port), outputs: z.array(Port) }),
  },
  /** Learns an adaptation from a person's labels. */
  learn: {
    input: z.object({ traces: z.custom<LearningTrace[]>(), thresholds: z.array(z.number()) }),
    output: z.custom<Learned>(),
  },
  /** Reweights so many heads of an ensemble by a person's labels. */
  learnHeads: {
    input: z.object({
      heads: z.int(),
      traces: z.custom<HeadTrace[]>(),
      thresholds: z.array(z.number()),
    }),
    output: z.custom<LearnedHeads>(),
  },
} satisfies Contract
