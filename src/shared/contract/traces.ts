import { z } from 'zod'
import type { Contract } from './contract.ts'
import { JsonValue, OwnColumnId, SourceId, TraceId } from './common.ts'
import { Filter } from './filter.ts'
import { OUTCOMES, type Verdict } from '../domain/answers/types.ts'
import { GRAPH_MEASURES } from '../domain/graph/figures.ts'

const BehaviourCounts = z.object({
  verification: z.int(),
  backtracking: z.int(),
  subgoal_setting: z.int(),
  backward_chaining: z.int(),
})

/** A trace without its texts: what a table shows. */
export const TraceRow = z.object({
  id: TraceId,
  run: z.string(),
  checkpoint: z.number().nullable(),
  key: z.string().nullable(),
  sample: z.int().nullable(),
  correct: z.boolean().nullable(),
  /** Cairn's verdict: whether the answer is right; null where there is none. */
  verified: z.boolean().nullable(),
  /** What the check came to; null where none was made, but for Countdown problems, which are judged at import. */
  outcome: z.enum(OUTCOMES).nullable(),
  reward: z.number().nullable(),
  truncated: z.boolean().nullable(),
  /** Response length in characters (Unicode code points, as Python counts). */
  length: z.int(),
  tokens: z.number().nullable(),
  /** Null until the trace is classified. */
  steps: BehaviourCounts.nullable(),
  episodes: BehaviourCounts.nullable(),
  /** Labels of people, of the four behaviours and of the workspace's own. */
  annotations: z.int(),
  /** Of the workspace's own behaviours, by their id; only those whose head has looked at the trace. */
  own: z.record(z.string(), z.object({ steps: z.int(), episodes: z.int() })),
  /** Measures of the reasoning graph; null until they were made. */
  graph: z.record(z.enum(GRAPH_MEASURES), z.number().nullable()).nullable(),
  prompt: z.string(),
})
export type TraceRow = z.infer<typeof TraceRow>

export const Sort = z.object({
  by: z.union([
    z.enum([
      'id',
      'run',
      'checkpoint',
      'correct',
      'reward',
      'length',
      'verification',
      'backtracking',
      'subgoal_setting',
      'backward_chaining',
      ...GRAPH_MEASURES,
    ]),
    OwnColumnId,
  ]),
  descending: z.boolean().default(false),
})

/** Columns whose distribution can be asked for. */
export const HistogramColumn = z.union([
  z.enum([
    'run',
    'checkpoint',
    'correct',
    'reward',
    'length',
    'tokens',
    'verification',
    'backtracking',
    'subgoal_setting',
    'backward_chaining',
    ...GRAPH_MEASURES,
  ]),
  OwnColumnId,
])

/**
 * Numbers fall into bins of equal width, `[from, to)`, the last closed and wider where it holds a long
 * tail; `least` and `most` are the values found in a bin. Names, and `correct` and `wrong` (from the
 * file, else Cairn's verdict), are counted one by one.
 */
export const Histogram = z.union([
  z.object({
    kind: z.literal('numbers'),
    bins: z.array(
      z.object({
        from: z.number(),
        to: z.number(),
        count: z.int(),
        least: z.number().nullable(),
        most: z.number().nullable(),
      }),
    ),
    missing: z.int(),
  }),
  z.object({
    kind: z.literal('names'),
    names: z.array(z.object({ name: z.string(), count: z.int() })),
    missing: z.int(),
  }),
])
export type Histogram = z.infer<typeof Histogram>

export const TraceDetail = z.object({
  row: TraceRow,
  sourceId: SourceId,
  sourceName: z.string(),
  place: z.object({ line: z.int().nullable(), row: z.int(), offset: z.number().nullable() }),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).nullable(),
  response: z.string(),
  reference: z.string().nullable(),
  metadata: z.record(z.string(), JsonValue),
  /** SHA-256 of the response's UTF-8 bytes, hex, which annotations carry. */
  textHash: z.string(),
  /** Step boundaries `[start0, end0, …]`, UTF-16; null until the trace is classified. */
  bounds: z.instanceof(Uint32Array).nullable(),
  segmenter: z.int().nullable(),
  /** What Cairn's checkers make of the answer; null before they were asked. */
  verdict: z.custom<Verdict>().nullable(),
  prediction: z
    .object({
      model: z.string(),
      version: z.string(),
      /** Probabilities, steps × behaviours, row-major. */
      probabilities: z.instanceof(Float32Array),
      thresholds: z.array(z.number()),
    })
    .nullable(),
})
export type TraceDetail = z.infer<typeof TraceDetail>

export const traces = {
  'traces.count': { input: z.object({ filter: Filter.default({}) }), output: z.int() },
  /** A page of traces; `offset` counts rows of the sorted selection. */
  'traces.list': {
    input: z.object({
      filter: Filter.default({}),
      sort: Sort.default({ by: 'id', descending: false }),
      offset: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(5000).default(100),
    }),
    output: z.array(TraceRow),
  },
  /** As `traces.list`, ids only: what a person selects from one row to another. */
  'traces.ids': {
    input: z.object({
      filter: Filter.default({}),
      sort: Sort.default({ by: 'id', descending: false }),
      offset: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(1_000_000).default(1_000_000),
    }),
    output: z.instanceof(Uint32Array),
  },
  /** Where a trace stands in a sorted selection, and its neighbours there; nulls when it is not in it. */
  'traces.around': {
    input: z.object({
      id: TraceId,
      filter: Filter.default({}),
      sort: Sort.default({ by: 'id', descending: false }),
    }),
    output: z.object({
      index: z.int().nullable(),
      total: z.int(),
      previous: TraceId.nullable(),
      next: TraceId.nullable(),
    }),
  },
  /** How a column's values are distributed over a selection, for table headers and filters. */
  'traces.histogram': {
    input: z.object({
      column: HistogramColumn,
      filter: Filter.default({}),
      bins: z.int().min(2).max(200).default(24),
    }),
    output: Histogram,
  },
  'traces.get': { input: z.object({ id: TraceId }), output: TraceDetail },
  /** Best matches with a snippet; `marks` are UTF-16 ranges of the snippet. */
  'traces.search': {
    input: z.object({
      query: z.string().min(1).max(2000),
      filter: Filter.default({}),
      limit: z.int().min(1).max(1000).default(20),
    }),
    output: z.array(
      z.object({
        id: TraceId,
        run: z.string(),
        where: z.enum(['prompt', 'response']),
        snippet: z.string(),
        marks: z.array(z.tuple([z.int(), z.int()])),
      }),
    ),
  },
} satisfies Contract
