import { z } from 'zod'
import { GRAPH_MEASURES } from '../domain/graph/figures.ts'
import { BehaviourId, CountUnit, SourceId, TraceId } from './common.ts'

/** Outcomes of a check, or none yet. */
export const VERDICTS = ['correct', 'incorrect', 'no_answer', 'unknown', 'unchecked'] as const

const Range = z.object({ min: z.number().optional(), max: z.number().optional() })

/** How often a behaviour must occur in a trace, in predictions at the model's thresholds. */
export const BehaviourFilter = z.object({
  behaviour: BehaviourId,
  unit: CountUnit.default('steps'),
  min: z.int().nonnegative().optional(),
  max: z.int().nonnegative().optional(),
})

/** How often a behaviour of the workspace's own must occur, by its id, in what its head says. */
const OwnFilter = z.object({
  behaviour: z.int().positive(),
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
  /** Correctness from the file, else Cairn's verdict; `null` selects traces with neither. */
  correct: z.boolean().nullable().optional(),
  /** Cairn's own verdict; false where no answer was found, null where it cannot tell, or was not asked. */
  verified: z.boolean().nullable().optional(),
  /** The same more exactly; `unchecked` before the answers were checked. */
  verdict: z.enum(VERDICTS).optional(),
  /** Whether Cairn's verdict and the file's (`correct`, or a reward of 1, 0 or −1) differ, where both are there. */
  disagrees: z.boolean().optional(),
  truncated: z.boolean().optional(),
  reward: Range.optional(),
  /** Response length in characters (Unicode code points, as Python counts). */
  length: Range.optional(),
  /** Response length in tokens, as the file says it. */
  tokens: Range.optional(),
  behaviours: z.array(BehaviourFilter).optional(),
  /** How often a behaviour of the workspace's own must occur, where its head has looked for it. */
  own: z.array(OwnFilter).optional(),
  classified: z.boolean().optional(),
  labelled: z.boolean().optional(),
  /** Measures of the reasoning graph; traces that were not measured meet no condition on them. */
  graph: z.partialRecord(z.enum(GRAPH_MEASURES), Range).optional(),
  /** Whether the reasoning graph was measured. */
  measured: z.boolean().optional(),
  metadata: z.array(MetadataFilter).optional(),
  /** Full-text query over prompts and responses: words, "phrases", prefix*, AND/OR/NOT. */
  search: z.string().max(2000).optional(),
})
export type Filter = z.infer<typeof Filter>
export type FilterInput = z.input<typeof Filter>
