import { z } from 'zod'
import { BehaviourId, CountUnit, SourceId, TraceId } from './common.ts'

const Range = z.object({ min: z.number().optional(), max: z.number().optional() })

/** How often a behaviour must occur in a trace, in predictions at the model's thresholds. */
export const BehaviourFilter = z.object({
  behaviour: BehaviourId,
  unit: CountUnit.default('steps'),
  min: z.int().nonnegative().optional(),
  max: z.int().nonnegative().optional(),
})

/**
 * A condition on metadata: `path` is dotted with `[i]` for arrays (`bucket.complexity`, `scores[0]`).
 * `exists` takes no value; the comparisons need one.
 */
export const MetadataFilter = z.object({
  path: z.string().min(1).max(500),
  op: z.enum(['=', '!=', '<', '<=', '>', '>=', 'contains', 'exists']),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
})

/** A selection of traces; every part given must hold. The same filter serves table, stats and export. */
export const Filter = z.object({
  ids: z.array(TraceId).optional(),
  /** Traces that are left out of what the other parts select. */
  except: z.array(TraceId).optional(),
  sources: z.array(SourceId).optional(),
  runs: z.array(z.string()).optional(),
  checkpoint: Range.optional(),
  /** Correctness from the file, else Cairn's Countdown verdict; `null` selects traces with neither. */
  correct: z.boolean().nullable().optional(),
  /** Cairn's own Countdown verdict. */
  verified: z.boolean().nullable().optional(),
  truncated: z.boolean().optional(),
  reward: Range.optional(),
  /** Response length in characters (Unicode code points, as Python counts). */
  length: Range.optional(),
  /** Response length in tokens, as the file says it. */
  tokens: Range.optional(),
  behaviours: z.array(BehaviourFilter).optional(),
  classified: z.boolean().optional(),
  labelled: z.boolean().optional(),
  metadata: z.array(MetadataFilter).optional(),
  /** Full-text query over prompts and responses: words, "phrases", prefix*, AND/OR/NOT. */
  search: z.string().max(2000).optional(),
})
export type Filter = z.infer<typeof Filter>
export type FilterInput = z.input<typeof Filter>
