import { z } from 'zod'
import { BEHAVIOURS } from '../domain/behaviours.ts'
import type { Contract } from './contract.ts'
import { Empty } from './common.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

const Behaviour = z.enum(BEHAVIOURS)

/** How a judge's counts go with others of the same traces. */
export const JudgeComparison = z.object({
  traces: z.int(),
  /** Of the judge, and of the others. */
  mean: z.number().nullable(),
  otherMean: z.number().nullable(),
  /** Mean absolute difference of the counts. */
  difference: z.number().nullable(),
  /** Spearman's rank correlation. */
  correlation: z.number().nullable(),
  /** Cohen's κ of whether the behaviour shows at all. */
  kappa: z.number().nullable(),
})
export type JudgeComparison = z.infer<typeof JudgeComparison>

/** Language models of the user's as one more annotator: they count behaviours in whole traces. */
export const judge = {
  /** Asks about what was not answered yet; goes to the given address and nowhere else. */
  'judge.start': {
    input: z.object({
      filter: Filter.default({}),
      /** Of a server that speaks OpenAI's chat completions, such as `http://localhost:8000/v1`. */
      url: z.url({ protocol: /^https?$/ }),
      model: z.string().min(1).max(200),
      behaviours: z
        .array(Behaviour)
        .min(1)
        .default([...BEHAVIOURS]),
      /** Questions under way at once. */
      concurrency: z.int().min(1).max(64).default(4),
      /** As many traces at most, the same ones for the same seed; all of them when null. */
      sample: z.int().positive().nullable().default(null),
      seed: z.int().default(1),
    }),
    output: Job,
  },
  'judge.list': {
    input: Empty,
    output: z.array(
      z.object({
        judge: z.string(),
        traces: z.int(),
        answered: z.int(),
        failed: z.int(),
        tokensAsked: z.int(),
        tokensAnswered: z.int(),
      }),
    ),
  },
  /** Why questions have no count, the most frequent reason first. */
  'judge.failures': {
    input: z.object({ judge: z.string() }),
    output: z.array(z.object({ reason: z.string(), questions: z.int() })),
  },
  /** A judge's counts against the model's steps and episodes and against people's labels, where there are some. */
  'judge.agreement': {
    input: z.object({ judge: z.string(), filter: Filter.default({}) }),
    output: z.array(
      z.object({
        behaviour: Behaviour,
        total: z.int(),
        steps: JudgeComparison,
        episodes: JudgeComparison,
        labels: JudgeComparison,
      }),
    ),
  },
} satisfies Contract
