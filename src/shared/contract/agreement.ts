import { z } from 'zod'
import { BEHAVIOURS } from '../domain/behaviours.ts'
import type { Contract } from './contract.ts'
import { BehaviourId } from './common.ts'
import { Filter } from './filter.ts'
import { DifferingStep, Interval, PairCounts } from './models.ts'

/** What people say of the same steps: everybody by Krippendorff's α, each two by Cohen's κ. */
export const AnnotatorAgreement = z.object({
  /** Everybody who has labelled, the most traces first. */
  people: z.array(z.object({ annotator: z.string(), traces: z.int(), labels: z.int() })),
  /** Traces with a step that at least two have judged, and such steps. */
  traces: z.int(),
  steps: z.int(),
  behaviours: z.record(
    z.enum(BEHAVIOURS),
    z.object({
      /** Steps that at least two have judged for it, and those of them on which not all say the same. */
      steps: z.int(),
      differ: z.int(),
      /** Null where no two verdicts differ. */
      alpha: z.number().nullable(),
      /** Of 95 %, by drawing whole traces; null where there are fewer than two. */
      interval: Interval,
    }),
  ),
  /** Each two who have both judged a step. */
  pairs: z.array(
    z.object({
      /** Of whom `first` and `second` tell, by name. */
      between: z.tuple([z.string(), z.string()]).readonly(),
      traces: z.int(),
      steps: z.int(),
      behaviours: z.record(z.enum(BEHAVIOURS), PairCounts.extend({ interval: Interval })),
    }),
  ),
})
export type AnnotatorAgreement = z.infer<typeof AnnotatorAgreement>

const Said = z.object({ annotator: z.string(), verdict: z.enum(['present', 'absent']) })

/** A step of which two people say otherwise. `truth` is null unless the one who asks has the last word on it. */
export const LabelDifference = DifferingStep.extend({
  /** Everybody who has judged it, by name. */
  said: z.array(Said),
  /** Whose verdict counts, for learning and measuring: the newest. */
  last: Said.nullable(),
})
export type LabelDifference = z.infer<typeof LabelDifference>

const Among = z.object({
  filter: Filter.default({}),
  /** Only these; else everybody. */
  annotators: z.array(z.string().min(1).max(200)).min(2).optional(),
  /**
   * Only steps that both have judged; else every step of a trace that both have labelled, where no label means that
   * the behaviour does not show.
   */
  judged: z.boolean().default(true),
})

export const agreement = {
  'labels.agreement': { input: Among, output: AnnotatorAgreement },
  /** Steps of which people say otherwise, trace by trace; those on which `annotator` has the last word come last. */
  'labels.differences': {
    input: Among.extend({
      annotator: z.string().optional(),
      behaviour: BehaviourId.optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.array(LabelDifference),
  },
} satisfies Contract
