import { z } from 'zod'
import type { Contract } from './contract.ts'
import { BehaviourId, SpanSchema, TargetSchema, TraceId } from './common.ts'

/** `present`: the annotator sees the behaviour here. `absent`: the annotator rejects it here. */
export const Verdict = z.enum(['present', 'absent'])

/** A person's label on a span, stand-off: offsets in the response plus the hash of the text they fit. */
export const Annotation = z.object({
  id: z.int(),
  traceId: TraceId,
  start: z.int(),
  end: z.int(),
  behaviour: BehaviourId,
  verdict: Verdict,
  annotator: z.string(),
  at: z.string(),
  textHash: z.string(),
  /**
   * For verification what it checks, for backtracking where it returns to; `{0, 0}` is the problem
   * itself; null when not marked.
   */
  target: z.object({ start: z.int(), end: z.int() }).nullable(),
  note: z.string(),
})
export type Annotation = z.infer<typeof Annotation>

/** Rows of a label file, and what came of the annotations and predictions in them. */
export const LabelImport = z.object({
  read: z.int(),
  /** Rows whose text no trace of the workspace has. */
  unmatched: z.int(),
  invalid: z.int(),
  added: z.int(),
  duplicates: z.int(),
  predictions: z.int(),
  problems: z.array(z.string()),
})
export type LabelImport = z.infer<typeof LabelImport>

export const labels = {
  'labels.list': { input: z.object({ traceId: TraceId }), output: z.array(Annotation) },
  'labels.add': {
    input: z.object({
      traceId: TraceId,
      span: SpanSchema,
      behaviour: BehaviourId,
      verdict: Verdict.default('present'),
      annotator: z.string().min(1).max(200),
      target: TargetSchema.nullable().default(null),
      note: z.string().max(10_000).default(''),
    }),
    output: Annotation,
  },
  /** Moves, extends or corrects an annotation; what is not given stays. */
  'labels.update': {
    input: z.object({
      id: z.int(),
      span: SpanSchema.optional(),
      behaviour: BehaviourId.optional(),
      verdict: Verdict.optional(),
      target: TargetSchema.nullable().optional(),
      note: z.string().max(10_000).optional(),
    }),
    output: Annotation,
  },
  'labels.remove': { input: z.object({ id: z.int() }), output: z.object({ removed: z.boolean() }) },
  /**
   * Reads annotations and predictions written by an export, or labelled rows (`steps` + `annotations`),
   * and attaches them to the traces with the same text. Repeating it adds nothing.
   */
  'labels.import': {
    input: z.object({ path: z.string() }),
    output: LabelImport,
  },
} satisfies Contract
