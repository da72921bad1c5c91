import { z } from 'zod'
import type { Contract } from './contract.ts'
import { TASKS } from '../domain/models/manifest.ts'
import { Empty } from './common.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

export const Device = z.enum(['auto', 'cuda', 'cpu'])
export type Device = z.infer<typeof Device>

/** Weights of 8 bits, which suit a CPU, or of 16, which suit a graphics card; of models that have both. */
export const Precision = z.enum(['auto', 'int8', 'fp16'])
export type Precision = z.infer<typeof Precision>

/** Where the model runs, and why there. */
export const ProviderInfo = z.object({
  provider: z.enum(['cuda', 'cpu']),
  reason: z.string(),
  /** What keeps it off CUDA: that the CPU was asked for, the model itself, or the machine; null: it is there. */
  cause: z.enum(['asked', 'model', 'machine']).nullable(),
  /** What can be done to have it run on CUDA; null: nothing that is known, or that is to be done. */
  advice: z.string().nullable(),
  onnxruntime: z.string(),
  /** Threads the model runs on, in all its processes; null: one for each physical core. */
  threads: z.int().nullable(),
  /** Processes that may run it at once. */
  processes: z.int(),
})
export type ProviderInfo = z.infer<typeof ProviderInfo>

export const ModelInfo = z.object({
  id: z.string(),
  version: z.string(),
  title: z.string(),
  kind: z.string(),
  /** What it can do. */
  tasks: z.array(z.enum(TASKS)),
  /** The model it was adapted from; null: from none. */
  base: z.string().nullable(),
  /** It came with Cairn, and is not the workspace's own. */
  builtIn: z.boolean(),
  path: z.string(),
  bytes: z.number(),
  /** One per behaviour; of a model that tells none, none. */
  thresholds: z.array(z.number()),
  /** Heads of its ensemble, which labels choose among; 0 where it has none. */
  heads: z.int(),
  /** Used where no model is named; none is where that one cannot be read. */
  standard: z.boolean(),
})
export type ModelInfo = z.infer<typeof ModelInfo>

/** What models have to run on, and where they lie. */
export const Machine = z.object({
  physicalCores: z.int(),
  /** The most threads that can be asked for. */
  logicalCores: z.int(),
  modelsDir: z.string(),
  /**
   * onnxruntime's CUDA provider: where it is, or would be added, and whether it is there and loads; null where this system
   * can have none.
   */
  cuda: z.object({ folder: z.string(), files: z.array(z.string()), there: z.boolean() }).nullable(),
})
export type Machine = z.infer<typeof Machine>

/** Tokens given to a model at once, padding counted. */
export const BatchTokens = z.int().min(16).max(1_048_576)

/** What is left out is as the workspace's settings of the same names say. */
export const Place = z.object({
  device: Device.optional(),
  threads: z.int().min(1).optional(),
  precision: Precision.optional(),
  /** Where nothing is said what suits the device; memory that runs out halves it. */
  batch: BatchTokens.optional(),
})
export type Place = z.infer<typeof Place>

/** Traces that a model could not read, for one reason; `ids` are the first of them. */
export const UnreadTraces = z.object({ reason: z.string(), traces: z.int(), ids: z.array(z.int()) })
export type UnreadTraces = z.infer<typeof UnreadTraces>

/** What a job of a model answers that goes through traces: `classify`, `vectors`, `surprisal`. */
export const ModelRunResult = z.object({
  /** Traces that it has read, and that it could not. */
  traces: z.int(),
  failed: z.int(),
  failures: z.array(UnreadTraces),
  model: z.string(),
  version: z.string(),
  provider: z.string(),
  reason: z.string(),
})
export type ModelRunResult = z.infer<typeof ModelRunResult>

export const classify = {
  'models.list': { input: Empty, output: z.array(ModelInfo) },
  'models.machine': { input: Empty, output: Machine },
  /** Loads the model in the inference process and says where it runs. */
  'models.provider': {
    input: Place.extend({ model: z.string().optional() }),
    output: ProviderInfo,
  },
  /**
   * Adds onnxruntime's CUDA provider, from a folder on the engine's machine that holds its files or else from where its
   * makers publish it, as a job; its result is `{added}`, names of files. Models run on it when they are loaded next.
   */
  'models.setupCuda': { input: z.object({ from: z.string().min(1).optional() }), output: Job },
  /**
   * Classifies what has no current prediction; with `force` everything in the filter. What the model has said before
   * and another one hides is shown again without computing. With `beside` the predictions of traces that show
   * another model are kept beside those, for comparing. A trace that the model cannot read stops none of the others;
   * the job's result is a `ModelRunResult` with `steps`, which says which those are.
   */
  'classify.start': {
    input: Place.extend({
      filter: Filter.default({}),
      model: z.string().optional(),
      force: z.boolean().default(false),
      beside: z.boolean().optional(),
    }),
    output: Job,
  },
} satisfies Contract
