import { z } from 'zod'
import { BEHAVIOURS } from '../domain/behaviours.ts'
import { TASKS } from '../domain/models/manifest.ts'
import type { Contract } from './contract.ts'
import { Device, ModelInfo } from './classify.ts'
import { BehaviourId, Empty, TraceId } from './common.ts'
import { Job } from './jobs.ts'

export const EvaluateInput = z.object({
  /**
   * A label file on the engine's machine: JSON lines as `docs/models.md` describes. Without one the labels of the
   * workspace.
   */
  labels: z.string().min(1).optional(),
  /**
   * Of the workspace's labels, or an export of them: only steps that somebody has judged count, rather than every step
   * of a trace that has labels, or of the export. A step that shows one behaviour counts as judged for all.
   */
  judged: z.boolean().default(true),
  model: z.string().optional(),
  /** Where nothing is said, as the workspace's setting of the same name. */
  device: Device.optional(),
})

const Share = z.number().nullable()
export const Interval = z.tuple([z.number(), z.number()]).nullable()

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

/** Steps whose probability falls into a bin of equal width: how many, their mean, and the share that is labelled. */
export const ReliabilityBin = z.object({ steps: z.int(), expected: z.number(), labelled: z.number() })

/** A step that the model and the labels disagree on. */
export const ReadableError = z.object({
  behaviour: BehaviourId,
  kind: z.enum(['missed', 'extra']),
  probability: z.number(),
  source: z.string(),
  /** Where it stands: a line of the file, or a trace of the workspace. */
  line: z.int().nullable(),
  traceId: TraceId.nullable(),
  /** Of the step in the response, UTF-16. */
  start: z.int(),
  end: z.int(),
  /** The end of what stands before the step, the step, and the begin of what comes after. */
  before: z.string(),
  text: z.string(),
  after: z.string(),
})
export type ReadableError = z.infer<typeof ReadableError>

/** How a model does on a label file; the result of an `evaluate` job. */
export const EvaluationResult = z.object({
  model: z.string(),
  version: z.string(),
  provider: z.string(),
  /** The label file; null: the labels of the workspace. */
  labels: z.string().nullable(),
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
  reliability: z.record(z.enum(BEHAVIOURS), z.array(ReliabilityBin)),
  /** Precision and recall at thresholds 0, 0.01, …, 1. */
  curves: z.record(z.enum(BEHAVIOURS), z.object({ precision: z.array(Share), recall: z.array(Share) })),
  /** The gravest first, some of each behaviour and kind. */
  errors: z.array(ReadableError),
})
export type EvaluationResult = z.infer<typeof EvaluationResult>

/** A model whose predictions are in the workspace. */
export const PredictedModel = z.object({
  model: z.string(),
  version: z.string(),
  /** One per behaviour; what its counts are made with. */
  thresholds: z.array(z.number()),
  /** The person has set them. */
  chosen: z.boolean(),
  /** Traces that show its predictions, and traces that have them beside another model's. */
  shown: z.int(),
  beside: z.int(),
})
export type PredictedModel = z.infer<typeof PredictedModel>

const ModelVersion = z.object({ model: z.string(), version: z.string() })

/** How many traces, steps and episodes there are at each of the thresholds 0, 0.0001, …, 1. */
export interface ThresholdCounts {
  traces: number
  steps: number
  /** Behaviours × 10,001, row-major (those of a model, or one of people's own): traces with at least one step, steps, episodes. */
  showing: Uint32Array
  shown: Uint32Array
  episodes: Uint32Array
}

/** How often two say that a step shows a behaviour. */
export const PairCounts = z.object({
  both: z.int(),
  first: z.int(),
  second: z.int(),
  neither: z.int(),
  /** Cohen's; null where chance alone agrees totally. */
  kappa: z.number().nullable(),
})

/** What two models say of the same steps, behaviour by behaviour. */
export const Agreement = z.object({
  traces: z.int(),
  steps: z.int(),
  behaviours: z.record(z.enum(BEHAVIOURS), PairCounts),
})
export type Agreement = z.infer<typeof Agreement>

/** A step that one says shows a behaviour and another does not. */
export const DifferingStep = z.object({
  traceId: TraceId,
  run: z.string(),
  behaviour: BehaviourId,
  start: z.int(),
  end: z.int(),
  before: z.string(),
  text: z.string(),
  after: z.string(),
  /** What a person says of it; null where nobody has said anything yet. */
  truth: z.enum(['present', 'absent']).nullable(),
})
export type DifferingStep = z.infer<typeof DifferingStep>

/** A step on which two models differ, with their probabilities. */
export const Difference = DifferingStep.extend({ first: z.number(), second: z.number() })
export type Difference = z.infer<typeof Difference>

/** What a model has learnt from the labels of the workspace, behaviour by behaviour. */
export const AdaptationResult = z.object({
  /** Of the adapted model; null: nothing was gained, and nothing is changed. */
  model: z.string().nullable(),
  base: z.string(),
  /** Whose labels; null: everybody's. */
  annotator: z.string().nullable().default(null),
  traces: z.int(),
  /** Different problems of these traces: of one alone nothing can be left out to measure by. Null where it is not known. */
  problems: z.int().nullable().default(null),
  /** Where nothing was gained, the model of an earlier attempt, which stays as it is; null: there is none. */
  standing: z.string().nullable().default(null),
  behaviours: z.record(
    z.enum(BEHAVIOURS),
    z.object({
      /** Judged steps, and those that show the behaviour. */
      steps: z.int(),
      shown: z.int(),
      /** F1 and mean log-loss on steps left out while learning, before and after. */
      before: Share,
      after: Share,
      lossBefore: z.number(),
      lossAfter: z.number(),
      /** It is told better than before, and changed. */
      kept: z.boolean(),
    }),
  ),
})
export type AdaptationResult = z.infer<typeof AdaptationResult>

/** A model of another maker, before it is taken in. */
export const ForeignModel = z.object({
  folder: z.string(),
  title: z.string(),
  /** What it can do: a text classifier, a model that makes vectors, or a causal language model. */
  task: z.enum(TASKS),
  type: z.string(),
  bytes: z.number(),
  opset: z.int(),
  /** Of a classifier. */
  labels: z.array(z.string()),
  /** Numbers of a vector; null where it makes none. */
  width: z.int().nullable(),
  /** Tokens that a language model knows. */
  vocabulary: z.int().nullable(),
  activation: z.enum(['softmax', 'sigmoid']),
  inputs: z.array(z.string()),
  output: z.string(),
  /** Tokens of a window; of a language model fewer than it could read where its vocabulary is large. */
  maxTokens: z.int(),
  pad: z.int(),
  file: z.string(),
})
export type ForeignModel = z.infer<typeof ForeignModel>

export const models = {
  /** Measures a model against labels; the job's result is an `EvaluationResult`. */
  'models.evaluate': { input: EvaluateInput, output: Job },
  /** A model's papers: its card as Markdown, and the figures stored with it. */
  'models.card': {
    input: z.object({ model: z.string() }),
    output: z.object({
      card: z.string().nullable(),
      metrics: z.partialRecord(z.enum(BEHAVIOURS), Scores).nullable(),
      split: z.string(),
    }),
  },
  /**
   * Learns from the labels of the workspace; the job's result is an `AdaptationResult`. What is gained becomes a model
   * beside the one it was learnt on, which stays as it is.
   */
  'models.adapt': {
    input: z.object({
      model: z.string().optional(),
      judged: z.boolean().default(true),
      /** As in `EvaluateInput`. */
      device: Device.optional(),
      /** Learns from this person's labels only; null: from everybody's. */
      annotator: z.string().min(1).max(200).nullable().default(null),
    }),
    output: Job,
  },
  /** What an adapted model has learnt; null for any other. */
  'models.learned': { input: z.object({ model: z.string() }), output: AdaptationResult.nullable() },
  /**
   * Looks at a folder with a model as Hugging Face exports them, on the engine's machine.
   * @throws CairnError `model_invalid` saying what does not fit
   */
  'models.inspect': { input: z.object({ folder: z.string().min(1) }), output: ForeignModel },
  /** Takes it into the workspace; the labels of a classifier are mapped onto behaviours. */
  'models.add': {
    input: z.object({
      folder: z.string().min(1),
      id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'small letters, digits, dots and dashes'),
      title: z.string().trim().min(1).max(100).optional(),
      /** The label that stands for a behaviour. */
      map: z.partialRecord(BehaviourId, z.string()).default({}),
      threshold: z.number().min(0).max(1).default(0.5),
    }),
    output: ModelInfo,
  },
  /** Folders among the models that hold none which this Cairn can read, by their names, and why. */
  'models.unreadable': {
    input: Empty,
    output: z.array(
      z.object({ id: z.string(), path: z.string(), builtIn: z.boolean(), problem: z.string() }),
    ),
  },
  /**
   * Removes a model of the workspace's own, also one that cannot be read; its predictions stay until another one's take their place. It can be put back
   * until the workspace is closed.
   */
  'models.remove': { input: z.object({ model: z.string() }), output: z.object({ removed: z.boolean() }) },
  'models.restore': { input: z.object({ model: z.string() }), output: z.object({ restored: z.boolean() }) },
  /** Models whose predictions the workspace has, the most used first. */
  'models.predicted': { input: Empty, output: z.array(PredictedModel) },
  'models.counts': { input: ModelVersion, output: z.custom<ThresholdCounts>() },
  /**
   * Counts what a model predicts with other thresholds from now on; null takes its own again. The job recounts every
   * trace that shows the model.
   */
  'models.thresholds': {
    input: ModelVersion.extend({
      thresholds: z.array(z.number().min(0).max(1)).length(BEHAVIOURS.length).nullable(),
    }),
    output: Job,
  },
  'models.agreement': { input: z.object({ first: ModelVersion, second: ModelVersion }), output: Agreement },
  /** Where two models differ most, those that nobody has judged first. */
  'models.differences': {
    input: z.object({
      first: ModelVersion,
      second: ModelVersion,
      behaviour: BehaviourId.optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.array(Difference),
  },
} satisfies Contract
