import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Empty } from './common.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

export const Device = z.enum(['auto', 'cuda', 'cpu'])
export type Device = z.infer<typeof Device>

/** Where the model runs, and why there. */
export const ProviderInfo = z.object({
  provider: z.enum(['cuda', 'cpu']),
  reason: z.string(),
  onnxruntime: z.string(),
  /** Threads the model runs on; null: one for each physical core, onnxruntime's own choice. */
  threads: z.int().nullable(),
})
export type ProviderInfo = z.infer<typeof ProviderInfo>

export const ModelInfo = z.object({
  id: z.string(),
  version: z.string(),
  title: z.string(),
  path: z.string(),
  bytes: z.number(),
  thresholds: z.array(z.number()),
})
export type ModelInfo = z.infer<typeof ModelInfo>

/** What models have to run on, and where they lie. */
export const Machine = z.object({
  physicalCores: z.int(),
  /** The most threads that can be asked for. */
  logicalCores: z.int(),
  modelsDir: z.string(),
})
export type Machine = z.infer<typeof Machine>

/** What is left out is as the workspace's settings `device` and `threads` say. */
const Place = z.object({ device: Device.optional(), threads: z.int().min(1).optional() })

export const classify = {
  'models.list': { input: Empty, output: z.array(ModelInfo) },
  'models.machine': { input: Empty, output: Machine },
  /** Loads the model in the inference process and says where it runs. */
  'models.provider': { input: Place, output: ProviderInfo },
  /** Classifies what has no current prediction; with `force` everything in the filter. */
  'classify.start': {
    input: Place.extend({
      filter: Filter.default({}),
      model: z.string().optional(),
      force: z.boolean().default(false),
    }),
    output: Job,
  },
} satisfies Contract
