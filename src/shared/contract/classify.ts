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

export const classify = {
  'models.list': { input: Empty, output: z.array(ModelInfo) },
  /** Loads the model in the inference process and says where it runs. */
  'models.provider': { input: z.object({ device: Device.default('auto') }), output: ProviderInfo },
  /** Classifies what has no current prediction; with `force` everything in the filter. */
  'classify.start': {
    input: z.object({
      filter: Filter.default({}),
      model: z.string().optional(),
      device: Device.default('auto'),
      force: z.boolean().default(false),
    }),
    output: Job,
  },
} satisfies Contract
