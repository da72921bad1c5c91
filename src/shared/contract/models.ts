import { z } from 'zod'
import { BEHAVIOURS } from '../domain/behaviours.ts'
import type { Contract } from './contract.ts'
import { Device } from './classify.ts'
import { Job } from './jobs.ts'

export const EvaluateInput = z.object({
  /** A label file on the engine's machine: JSON lines as `docs/models.md` describes. */
  labels: z.string().min(1),
  model: z.string().optional(),
  device: Device.default('auto'),
})

const Share = z.number().nullable()
const Interval = z.tuple([z.number(), z.number()]).nullable()

/** Of one behaviour's predictions against the labels; nulls where a figure is undefined. */
export const Scores = z.object({
  support: z.int(),
  precision: Share,
  recall: Share,
  f1: Share,
  f1_interval: Interval,
  ap: Share,
  ece: Share,
})

const CountError = z.object({
  mae: Share,
  spearman: Share,
  mean_labelled: Share,
  mean_predicted: Share,
  source_mae: Share,
})

const ByBehaviour = z.record(z.enum(BEHAVIOURS), Scores)

/** How a model does on a label file; the result of an `evaluate` job. */
export const EvaluationResult = z.object({
  model: z.string(),
  version: z.string(),
  provider: z.string(),
  thresholds: z.record(z.enum(BEHAVIOURS), z.number()),
  traces: z.int(),
  steps: z.int(),
  /** Steps of the file that have the very same bounds in Cairn's segmentation. */
  same_steps: z.int(),
  /** Lines of the file that hold no labelled trace. */
  invalid: z.int(),
  problems: z.array(z.string()),
  behaviours: ByBehaviour,
  sources: z.record(z.string(), ByBehaviour),
  prose: ByBehaviour.nullable(),
  counts: z.record(z.enum(BEHAVIOURS), z.object({ steps: CountError, episodes: CountError })),
})
export type EvaluationResult = z.infer<typeof EvaluationResult>

export const models = {
  /** Measures a model against a label file; the job's result is an `EvaluationResult`. */
  'models.evaluate': { input: EvaluateInput, output: Job },
} satisfies Contract
