import { z } from 'zod'
import { Device, type ProviderInfo } from '#shared/contract/classify.ts'
import type { Contract } from '#shared/contract/contract.ts'

/** Steps and probabilities of several traces, flattened so that they cross as three arrays. */
export interface ClassifiedBatch {
  /** Boundaries of all traces, one after another, `[start0, end0, …]`, UTF-16 within each trace. */
  bounds: Uint32Array
  /** Steps of each trace. */
  steps: Uint32Array
  /** All steps × behaviours, row-major. */
  probabilities: Float32Array
}

/** Which model to load, and where it is to run; `threads` as in `ProviderInfo`. */
export const LoadRequest = z.object({
  modelDir: z.string(),
  device: Device,
  threads: z.int().min(1).nullable(),
})
export type LoadRequest = z.infer<typeof LoadRequest>

/** What the inference process does: one model at a time, one batch at a time. */
export const inference = {
  load: {
    input: LoadRequest,
    output: z.custom<ProviderInfo>(),
  },
  /** Segments, featurises and classifies; a pure function of the texts and the loaded model. */
  classify: {
    input: z.object({ traces: z.array(z.object({ prompt: z.string(), response: z.string() })) }),
    output: z.custom<ClassifiedBatch>(),
  },
} satisfies Contract
