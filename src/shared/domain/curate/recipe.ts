import { z } from 'zod'
import { Checking } from '../answers/checking.ts'
import { BEHAVIOURS } from '../behaviours.ts'
import { Filter } from './filter-schema.ts'
import { Transform } from './transform-schema.ts'

/** Raised when a recipe written for an older version would mean something else. */
export const RECIPE_VERSION = 1

const Threshold = z.union([
  z.literal('model'),
  z.number().min(0).max(1),
  z.strictObject(Object.fromEntries(BEHAVIOURS.map((name) => [name, z.number().min(0).max(1).optional()]))),
])

/** Where behaviours are taken from. */
const Labels = z.strictObject({
  /** `first`: annotations where there are some, predictions elsewhere. */
  annotations: z.enum(['first', 'only', 'ignore']).default('first'),
  /** Whether a trace that people labelled is labelled throughout, so that its other steps show nothing. */
  annotated_traces: z.enum(['partial', 'complete']).default('partial'),
  /** From which probability on a prediction counts. */
  threshold: Threshold.default('model'),
})
export type Labels = z.infer<typeof Labels>

const Group = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, dots, dashes and underscores')
    .max(80),
  where: z.array(Filter).min(1),
  /** Of the whole set; without it groups are weighted alike. */
  share: z.number().min(0).max(1).optional(),
})
export type Group = z.infer<typeof Group>

const Sample = z
  .strictObject({
    /** Rows wanted, of all groups together. */
    size: z.int().positive().optional(),
    /** Tokens wanted (characters, where `budget_in` says so), of all groups together. */
    budget: z.int().positive().optional(),
    budget_in: z.enum(['tokens', 'characters']).default('tokens'),
    /** Strata: every combination of these becomes a group. */
    by: z.array(z.string().min(1)).default([]),
    groups: z.array(Group).default([]),
    /** `equal`: as many rows (or tokens) from every group; `proportional`: as the source has them. */
    balance: z.enum(['proportional', 'equal_rows', 'equal_tokens']).default('proportional'),
    /** Every group becomes a data set of its own. */
    separate: z.boolean().default(false),
    per_prompt: z.int().positive().optional(),
    /** Rows whose lengths are those of another recipe's rows. */
    match: z
      .strictObject({
        recipe: z.string().min(1),
        /** Largest difference in length, as a share of the matched row's length. */
        tolerance: z.number().min(0).max(1).default(0.1),
      })
      .optional(),
    order: z.enum(['shuffled', 'source']).default('shuffled'),
  })
  .refine(
    ({ size, budget }) => size === undefined || budget === undefined,
    'give "size" or "budget", not both',
  )
  .refine(({ by, groups }) => by.length === 0 || groups.length === 0, 'give "by" or "groups", not both')
export type Sample = z.infer<typeof Sample>

const Split = z.strictObject({
  by: z.enum(['prompt', 'row']).default('prompt'),
  validation: z.number().min(0).max(0.9).default(0),
  test: z.number().min(0).max(0.9).default(0),
})
export type Split = z.infer<typeof Split>

/** What a row is made of. */
const Rows = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('traces') }),
  /** Two responses to the same prompt. */
  z.strictObject({
    kind: z.literal('pairs'),
    chosen: z.array(Filter).min(1),
    rejected: z.array(Filter).min(1),
    per_prompt: z.int().positive().default(1),
  }),
  /** A branch that failed against the one taken instead, after what both share. */
  z.strictObject({ kind: z.literal('branch_pairs'), per_trace: z.int().positive().default(4) }),
  /** What somebody made of a step, or of the response, against what it was. */
  z.strictObject({
    kind: z.literal('edit_pairs'),
    /** Field with the number of the step; the whole response when left out. */
    step: z.string().min(1).optional(),
    /** Field with the new text, or a list of new texts. */
    revised: z.string().min(1),
    per_trace: z.int().positive().default(4),
  }),
  /** Every step with whether it is right. */
  z.strictObject({
    kind: z.literal('steps'),
    /** `graph`: steps of branches that failed are wrong; `first_wrong`: from the step that a field names on. */
    labels: z.enum(['graph', 'first_wrong']).default('graph'),
    field: z.string().optional(),
  }),
  /** Search trees told as one text. */
  z.strictObject({
    kind: z.literal('trees'),
    order: z.enum(['depth_first', 'breadth_first', 'best_first']).default('depth_first'),
    dead_ends: z.boolean().default(true),
  }),
])
export type Rows = z.infer<typeof Rows>

export const FORMATS = [
  'verl_query',
  'verl_prompt',
  'trl_messages',
  'trl_prompt_completion',
  'trl_preference',
  'trl_stepwise',
  'prm800k',
  'openai',
  'sharegpt',
  'alpaca',
  'llama_factory',
  'plain',
] as const
export type Format = (typeof FORMATS)[number]

const SFT_FORMATS = [
  'verl_query',
  'verl_prompt',
  'trl_messages',
  'trl_prompt_completion',
  'openai',
  'sharegpt',
  'alpaca',
  'llama_factory',
  'plain',
] as const satisfies readonly Format[]

const Output = z.strictObject({
  format: z.enum(FORMATS).default('plain'),
  container: z.enum(['jsonl', 'parquet']).default('jsonl'),
  /** Whether rows name the trace they came from, besides `provenance.jsonl`. */
  origin: z.boolean().default(true),
})
export type Output = z.infer<typeof Output>

/** Formats that can hold rows of a kind. */
export const FORMATS_OF: Readonly<Record<Rows['kind'], readonly Format[]>> = {
  traces: SFT_FORMATS,
  trees: SFT_FORMATS,
  pairs: ['trl_preference', 'openai', 'llama_factory', 'plain'],
  branch_pairs: ['trl_preference', 'llama_factory', 'plain'],
  edit_pairs: ['trl_preference', 'llama_factory', 'plain'],
  steps: ['trl_stepwise', 'prm800k', 'plain'],
}

/** Formats whose prompts are text, so that they can end with the beginning of a response. */
export const PARTIAL_FORMATS: ReadonlySet<Format> = new Set([
  'verl_query',
  'trl_prompt_completion',
  'trl_preference',
  'llama_factory',
  'alpaca',
  'plain',
])

/** A saved, versioned description of a priming set. */
export const Recipe = z
  .strictObject({
    recipe: z.literal(RECIPE_VERSION, {
      error: ({ input }) =>
        input === undefined
          ? `a recipe begins with "recipe: ${RECIPE_VERSION}", the version of the format`
          : `this Cairn reads recipes of version ${RECIPE_VERSION}`,
    }),
    name: z
      .string()
      .regex(/^[\w.-]+$/, 'letters, digits, dots, dashes and underscores')
      .max(80),
    title: z.string().max(200).default(''),
    description: z.string().max(4000).default(''),
    seed: z.int().default(1),
    labels: Labels.prefault({}),
    /** How answers are checked; the workspace's way when left out, which is then written into the manifest. */
    checking: Checking.optional(),
    /** A Hugging Face tokenizer.json, as a path from the recipe; null: words and symbols are counted. */
    tokenizer: z.string().min(1).nullable().default(null),
    filters: z.array(Filter).default([]),
    /** Instructions for behaviours, in place of those that come with Cairn; `{handbook}` in a system message. */
    handbook: z
      .strictObject(
        Object.fromEntries(BEHAVIOURS.map((name) => [name, z.string().min(1).max(2000).optional()])),
      )
      .default({}),
    rows: Rows.prefault({ kind: 'traces' }),
    transforms: z.array(Transform).default([]),
    sample: Sample.prefault({}),
    split: Split.prefault({}).refine(
      ({ validation, test }) => validation + test < 1,
      'nothing is left to train on',
    ),
    output: Output.prefault({}),
  })
  .superRefine(({ rows, output, transforms }, context) => {
    const formats = FORMATS_OF[rows.kind]
    if (!formats.includes(output.format))
      context.addIssue({
        code: 'custom',
        path: ['output', 'format'],
        message: `rows of kind "${rows.kind}" cannot be written as ${output.format}; possible are ${formats.join(', ')}`,
      })
    const cut = transforms.findIndex((transform) => transform.cut !== undefined)
    if (cut >= 0 && !PARTIAL_FORMATS.has(output.format))
      context.addIssue({
        code: 'custom',
        path: ['transforms', cut],
        message: `${output.format} has no place for a response that has begun; possible are ${[...PARTIAL_FORMATS].join(', ')}`,
      })
    const branches = transforms.findIndex((transform) => transform.branches !== undefined)
    if (branches > 0)
      context.addIssue({
        code: 'custom',
        path: ['transforms', branches],
        message: '"branches" must be the first transform: the graph is of the response as it came',
      })
    if (
      ['branch_pairs', 'edit_pairs', 'steps', 'trees'].includes(rows.kind) &&
      transforms.some((one) => !one.system && !one.chat_template)
    )
      context.addIssue({
        code: 'custom',
        path: ['transforms'],
        message: `rows of kind "${rows.kind}" are made from the response as it came; only "system" and "chat_template" apply`,
      })
  })
export type Recipe = z.infer<typeof Recipe>
export type RecipeInput = z.input<typeof Recipe>
