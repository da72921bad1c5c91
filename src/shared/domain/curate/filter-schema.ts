import { z } from 'zod'
import { BEHAVIOURS } from '../behaviours.ts'
import { PROBLEM_FILTERS } from '../problems/filters.ts'

const Behaviour = z.enum(BEHAVIOURS)
const Whole = z.int().nonnegative()

/** A number, or a range of numbers: both ends are in. */
const Range = z
  .union([
    z.number().transform((value) => ({ min: value, max: value })),
    z.strictObject({ min: z.number().optional(), max: z.number().optional() }),
  ])
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'give "min", "max" or a number')
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, '"min" is above "max"')
export type Range = z.infer<typeof Range>

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

export const LENGTH_OF = ['response', 'thought', 'prompt'] as const
export const LENGTH_IN = ['characters', 'tokens', 'steps'] as const
export const GRAPH_MEASURES = [
  'nodes',
  'depth',
  'branching',
  'dead_ends',
  'abandoned_share',
  'longest_stretch',
  'loops',
  'wrong_equations',
] as const

/** The kinds of filter; every filter is exactly one of them. */
export const FILTER_KINDS = [
  'correct',
  'verdict',
  'only',
  'behaviours',
  'field',
  'length',
  'graph',
  'truncated',
  'answered',
  'loops',
  'labelled_by',
  'problem',
  'solve_rate',
  'unique',
  'any',
  'not',
] as const

const filterShape = {
  /** Correctness from the file, else Cairn's own verdict; null: neither says. */
  correct: z.boolean().nullable().optional(),
  /** Cairn's own verdict, whatever the file says; `disagrees` where both say something else. */
  verdict: z.enum(['correct', 'incorrect', 'no_answer', 'unknown', 'disagrees']).optional(),
  /** These behaviours each occur, and no other does. */
  only: z.array(Behaviour).optional(),
  /** How often behaviours occur. */
  behaviours: z
    .strictObject(Object.fromEntries(BEHAVIOURS.map((name) => [name, Range.optional()])))
    .extend({ total: Range.optional() })
    .optional(),
  /** What `behaviours` counts: steps, or episodes (runs of neighbouring steps). */
  unit: z.enum(['steps', 'episodes']).optional(),
  /** A field of the trace or, dotted, of its metadata (`metadata.bucket.complexity`). */
  field: z.string().min(1).max(500).optional(),
  is: Scalar.optional(),
  in: z.array(Scalar).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  contains: z.string().optional(),
  exists: z.boolean().optional(),
  length: z
    .strictObject({
      of: z.enum(LENGTH_OF).default('response'),
      in: z.enum(LENGTH_IN).default('characters'),
      min: z.number().optional(),
      max: z.number().optional(),
    })
    .refine(({ min, max }) => min !== undefined || max !== undefined, 'give "min" or "max"')
    .optional(),
  graph: z
    .strictObject(Object.fromEntries(GRAPH_MEASURES.map((name) => [name, Range.optional()])))
    .optional(),
  truncated: z.boolean().optional(),
  /** Whether an answer is found in the response. */
  answered: z.boolean().optional(),
  /** Whether a block of steps repeats without a break. */
  loops: z.boolean().optional(),
  /** What the labels of a trace rest on. */
  labelled_by: z.array(z.enum(['people', 'file', 'predictions', 'nothing'])).optional(),
  /** Problems unfit for verifiable rewards are dropped. */
  problem: z.strictObject({ drop: z.array(z.enum(PROBLEM_FILTERS)).min(1) }).optional(),
  /** Share of correct samples of the same prompt in the source. */
  solve_rate: z
    .strictObject({
      min: z.number().min(0).max(1).optional(),
      max: z.number().min(0).max(1).optional(),
      samples: Whole.default(1),
    })
    .optional(),
  /** The first of equal (or nearly equal) traces stays. */
  unique: z
    .union([z.enum(['response', 'prompt']), z.strictObject({ near: z.number().min(0.3).max(1) })])
    .optional(),
  /** Shown in the funnel instead of a name made from the filter. */
  name: z.string().max(200).optional(),
}

type Plain = z.output<z.ZodObject<typeof filterShape>>
/** A condition on traces. */
export interface Filter extends Plain {
  any?: Filter[] | undefined
  not?: Filter | undefined
}

export const Filter: z.ZodType<Filter> = z.lazy(() =>
  z
    .strictObject({ ...filterShape, any: z.array(Filter).min(1).optional(), not: Filter.optional() })
    .superRefine((filter, context) => {
      const kinds = FILTER_KINDS.filter((kind) => filter[kind] !== undefined)
      const say = (message: string) => context.addIssue({ code: 'custom', message })
      if (kinds.length !== 1)
        say(
          kinds.length === 0
            ? `a filter needs one of: ${FILTER_KINDS.join(', ')}`
            : `a filter is one condition; this one has ${kinds.join(' and ')}. Make them two filters`,
        )
      const tests = (['is', 'in', 'min', 'max', 'contains', 'exists'] as const).filter(
        (test) => filter[test] !== undefined,
      )
      if (filter.field !== undefined && tests.length === 0)
        say('a condition on a field needs "is", "in", "min", "max", "contains" or "exists"')
      if (filter.field === undefined && tests.length > 0)
        say(`"${tests[0]!}" belongs to a condition on a "field"`)
      if (filter.unit !== undefined && filter.behaviours === undefined && filter.only === undefined)
        say('"unit" belongs to "behaviours" or "only"')
    }),
)
