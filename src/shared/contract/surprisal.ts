import { z } from 'zod'
import { Place } from './classify.ts'
import { Empty, TraceId } from './common.ts'
import type { Contract } from './contract.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

/** A language model that has scored traces of the workspace, with means over all their tokens, in bits. */
export const ScoringModel = z.object({
  model: z.string(),
  version: z.string(),
  traces: z.int(),
  surprisal: z.number().nullable(),
  entropy: z.number().nullable(),
})
export type ScoringModel = z.infer<typeof ScoringModel>

/** How surprising the tokens of a response are to a language model that has read what stands before them. */
export const TraceSurprisal = z.object({
  model: z.string(),
  version: z.string(),
  /** Others that have scored the trace. */
  others: z.array(z.string()),
  /** Where each token ends, UTF-16; each begins where the one before ends. */
  ends: z.instanceof(Uint32Array),
  /** −log₂ p and the entropy of what was expected, in bits, token by token; NaN where nothing stands before. */
  surprisal: z.instanceof(Float32Array),
  entropy: z.instanceof(Float32Array),
})
export type TraceSurprisal = z.infer<typeof TraceSurprisal>

export const surprisal = {
  'surprisal.models': { input: Empty, output: z.array(ScoringModel) },
  /** Scores what the language model has not scored yet. */
  'surprisal.start': {
    input: Place.extend({ filter: Filter.default({}), model: z.string().optional() }),
    output: Job,
  },
  /** Scores of a trace, of the model used last unless one is named; null where there are none. */
  'surprisal.get': {
    input: z.object({ traceId: TraceId, model: z.string().optional() }),
    output: TraceSurprisal.nullable(),
  },
} satisfies Contract
