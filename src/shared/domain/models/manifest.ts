import { z } from 'zod'
import { BEHAVIOURS } from '../behaviours.ts'
import type { FeatureConfig } from '../features/config.ts'
import type { WindowConfig } from '../encoder/windows.ts'

/** A file of a model, in the folder of its manifest. */
const ModelFile = z.object({
  path: z.string().regex(/^[\w-][\w.-]*$/, 'it names a file of the model’s own folder'),
  bytes: z.int().nonnegative(),
  /** Hexadecimal SHA-256 of the file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'it is 64 hexadecimal digits'),
})
export type ModelFile = z.infer<typeof ModelFile>

/** One file for every provider, or one for each: another precision suits another processor. */
const ProvidedFile = z.union([
  z.object({ any: ModelFile }),
  z.object({ cpu: ModelFile, cuda: ModelFile.optional() }),
])
export type ProvidedFile = z.infer<typeof ProvidedFile>

const Share = z.number().nullable()

/** Quality of one behaviour's predictions at the stored threshold, on held-out steps. */
const Metrics = z.object({
  support: z.int(),
  precision: Share,
  recall: Share,
  f1: Share,
  f1_interval: z.tuple([z.number(), z.number()]).nullable().default(null),
  ap: Share,
  ece: Share,
})

/** What every kind of model has. */
const Named = z.looseObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  version: z.string().min(1),
  title: z.string().min(1),
  /** Figures of the card, and the split they are of. */
  metrics: z
    .looseObject({ split: z.string(), behaviours: z.partialRecord(z.enum(BEHAVIOURS), Metrics) })
    .optional(),
})

/** What every model has that tells behaviours. */
const Common = Named.extend({
  /** Order of the columns of what it predicts. */
  behaviours: z.array(z.string()),
  /** A step shows a behaviour when its probability is at or above this. */
  thresholds: z.record(z.enum(BEHAVIOURS), z.number().min(0).max(1)),
})

/** Checked by `createFeaturizer`, which knows what it can compute. */
const Features = z.custom<FeatureConfig>((value) => typeof value === 'object' && value !== null)

const HashedNgrams = Common.extend({
  kind: z.literal('hashed-ngrams'),
  files: z.object({ model: ProvidedFile }),
  features: Features,
})

const Windows: z.ZodType<WindowConfig> = z.object({
  window: z.int().min(8).max(4096),
  context: z.int().min(1),
  longest: z.int().min(2),
  cls: z.int(),
  sep: z.int(),
  pad: z.int(),
})

/** A pretrained encoder over windows of steps and a recurrent layer over the steps of the trace. */
const Encoder = Common.extend({
  kind: z.literal('encoder'),
  files: z.object({
    encoder: ProvidedFile,
    head: ProvidedFile,
    tokenizer: ProvidedFile,
    heads: ProvidedFile.optional(),
  }),
  /** An ensemble of output layers: names, the model's own first; how many features they read, and of which file (SHA-256). */
  heads: z
    .object({ names: z.array(z.string()).min(2), width: z.int().positive(), features: z.string() })
    .optional(),
  windows: Windows,
  /** Width of a step's vector. */
  width: z.int().positive(),
  /** The model whose features and probabilities it reads beside the text; in the folder next to it. */
  fast: z.object({ id: z.string(), version: z.string() }),
})

/** As `HeadWeights`. */
export const HeadWeightsSchema = z.object({
  heads: z.int().min(2),
  weights: z.array(z.number()),
  shifts: z.array(z.number()),
})

const LearnedBehaviour = z.object({
  steps: z.int(),
  shown: z.int(),
  before: Share,
  after: Share,
  lossBefore: z.number(),
  lossAfter: z.number(),
  kept: z.boolean(),
})

/** Another model, with its answers changed to what a person's labels say. */
const Adapted = Common.extend({
  kind: z.literal('adapted'),
  files: z.object({}),
  base: z.object({ id: z.string(), version: z.string() }),
  /** As `Adaptation`; empty where heads are weighted instead. */
  weights: z.array(z.number()),
  /** How much each head of the other model counts. */
  heads: HeadWeightsSchema.optional(),
  /** Whose labels it was learnt from; null: everybody's. */
  annotator: z.string().nullable().default(null),
  /** What was learnt of each behaviour, in the order of `behaviours`. */
  learned: z.array(LearnedBehaviour),
  /** Labelled traces that it was learnt from, and when. */
  traces: z.int(),
  at: z.string(),
})

/** What every model of another maker has that reads tokens. */
const Foreign = {
  files: z.object({ model: ProvidedFile, tokenizer: ProvidedFile }),
  /** Files with weights beside the model's own, which names them. */
  data: z.array(ModelFile).default([]),
  inputs: z.array(z.string()),
  output: z.string(),
  /** Tokens of a window, special ones counted. */
  maxTokens: z.int().min(8).max(65_536),
  pad: z.int().nonnegative(),
}

/** A text classifier of another maker, with its labels mapped onto behaviours. */
const TextClassification = Common.extend({
  kind: z.literal('text-classification'),
  ...Foreign,
  labels: z.array(z.string()).min(1),
  activation: z.enum(['softmax', 'sigmoid']),
  /** Index of the label that stands for a behaviour; those left out are never predicted. */
  map: z.partialRecord(z.enum(BEHAVIOURS), z.int().nonnegative()),
})

/** A model of another maker that makes a vector of a text. */
const FeatureExtraction = Named.extend({
  kind: z.literal('feature-extraction'),
  ...Foreign,
  /** How a text's vector comes of its tokens': their mean, that of the first one, or the model does it itself. */
  pooling: z.enum(['mean', 'first', 'given']),
  /** Numbers of a vector. */
  width: z.int().min(1).max(65_536),
})

/** A language model of another maker that says what comes next. */
const CausalLm = Named.extend({
  kind: z.literal('causal-lm'),
  ...Foreign,
  /** Tokens it knows: numbers of a row of its output. */
  vocabulary: z.int().positive(),
  /** Id of the token that a text begins with; null where it has none. */
  start: z.int().nonnegative().nullable(),
  /** Tokens that it is given at once; early manifests leave it out (`windowOf`). */
  window: z.int().min(8).max(65_536).optional(),
})

/** `manifest.json` in a model's folder. */
export const ModelManifest = z.discriminatedUnion('kind', [
  HashedNgrams,
  Encoder,
  Adapted,
  TextClassification,
  FeatureExtraction,
  CausalLm,
])
export type ModelManifest = z.infer<typeof ModelManifest>
export type HashedNgramsManifest = z.infer<typeof HashedNgrams>
export type EncoderManifest = z.infer<typeof Encoder>
export type AdaptedManifest = z.infer<typeof Adapted>
export type TextClassificationManifest = z.infer<typeof TextClassification>
export type FeatureExtractionManifest = z.infer<typeof FeatureExtraction>
export type CausalLmManifest = z.infer<typeof CausalLm>
/** A model that reads tokens of its own tokenizer, whatever it makes of them. */
export type ForeignManifest = TextClassificationManifest | FeatureExtractionManifest | CausalLmManifest

/** What a model is good for: telling behaviours, vectors of steps to compare them by, how surprising a text is. */
export const TASKS = ['behaviours', 'vectors', 'surprisal'] as const
export type Task = (typeof TASKS)[number]

/** What a kind of model can do. */
export function tasksOf(kind: ModelManifest['kind']): Task[] {
  if (kind === 'causal-lm') return ['surprisal']
  if (kind === 'feature-extraction') return ['vectors']
  return kind === 'encoder' ? ['behaviours', 'vectors'] : ['behaviours']
}

export type ProviderName = 'cuda' | 'cpu'

/** The file for a provider; null when the model has none for it. */
export function fileFor(files: ProvidedFile, provider: ProviderName): ModelFile | null {
  if ('any' in files) return files.any
  return files[provider] ?? null
}
