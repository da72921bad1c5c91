import { z } from 'zod'
import { BEHAVIOURS, type Behaviour } from '../domain/behaviours.ts'
import type { Contract } from './contract.ts'
import { CountUnit } from './common.ts'
import { Filter } from './filter.ts'

/** Mean count per classified trace, and the share of classified traces that show it at least once. */
export const BehaviourStats = z.object({ mean: z.number().nullable(), share: z.number().nullable() })
export type BehaviourStats = z.infer<typeof BehaviourStats>

export const RunStats = z.object({
  run: z.string(),
  checkpoint: z.number().nullable(),
  traces: z.int(),
  /** Share of correct traces among those whose correctness is known; null when none is. */
  accuracy: z.number().nullable(),
  /** Mean response length in Unicode code points. */
  length: z.number().nullable(),
  behaviours: z.object(
    Object.fromEntries(BEHAVIOURS.map((behaviour) => [behaviour, BehaviourStats])) as Record<
      Behaviour,
      typeof BehaviourStats
    >,
  ),
  /** Of the workspace's own behaviours, by their id, over the traces that their heads have looked at. */
  own: z.record(z.string(), BehaviourStats),
})
export type RunStats = z.infer<typeof RunStats>

export const stats = {
  'stats.runs': {
    input: z.object({ filter: Filter.default({}), unit: CountUnit.default('steps') }),
    output: z.array(RunStats),
  },
} satisfies Contract
