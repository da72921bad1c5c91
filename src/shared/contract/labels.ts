import { z } from 'zod'
import type { Contract } from './contract.ts'
import { BehaviourId, SpanSchema, TargetSchema, Token, TraceId } from './common.ts'

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
  /** Labels, of the workspace or of earlier rows, that gave way: their person says otherwise later, in the file. */
  replaced: z.int(),
  /** Labels of the file that were not taken: their person says otherwise later, in the file or in the workspace. */
  outdated: z.int(),
  predictions: z.int(),
  /** Of the workspace's own behaviours: those that were made, labels of them, and predictions of their heads. */
  own: z.object({ behaviours: z.int(), added: z.int(), duplicates: z.int(), predictions: z.int() }),
  problems: z.array(z.string()),
})
export type LabelImport = z.infer<typeof LabelImport>

const Annotator = z.string().min(1).max(200)
const LabelText = z.string().max(10_000)

const NewLabel = z.object({
  span: SpanSchema,
  behaviour: BehaviourId,
  verdict: Verdict.default('present'),
  target: TargetSchema.nullable().default(null),
  note: LabelText.default(''),
})

/** What is not given stays. */
const ChangedLabel = z.object({
  id: z.int(),
  span: SpanSchema.optional(),
  behaviour: BehaviourId.optional(),
  verdict: Verdict.optional(),
  target: TargetSchema.nullable().optional(),
  note: LabelText.optional(),
})

/** Most changes that one call takes. */
const MOST = 10_000

export const labels = {
  'labels.list': { input: z.object({ traceId: TraceId }), output: z.array(Annotation) },
  'labels.add': {
    input: NewLabel.extend({ traceId: TraceId, annotator: Annotator, token: Token.optional() }),
    output: Annotation,
  },
  /**
   * Moves, extends or corrects an annotation; what is not given stays. One that becomes the very same
   * as another is that other from then on, and what contradicts it goes as with `labels.apply`.
   */
  'labels.update': { input: ChangedLabel, output: Annotation },
  'labels.remove': { input: z.object({ id: z.int() }), output: z.object({ removed: z.boolean() }) },
  /**
   * Several changes to the labels of one trace, all or none, taken back by one undo. First labels are
   * removed (those that are gone already are no fault), then changed, then added. Of what a person says of
   * one behaviour on one span the last verdict counts: their labels with the other one go, and are told
   * with those removed.
   */
  'labels.apply': {
    input: z.object({
      traceId: TraceId,
      /** Who does this; the labels added are theirs. */
      annotator: Annotator,
      add: z.array(NewLabel).max(MOST).default([]),
      update: z.array(ChangedLabel).max(MOST).default([]),
      remove: z.array(z.int()).max(MOST).default([]),
      /** Of the text that the labels were made on: nothing is done on another one. */
      textHash: z.string().optional(),
      /** Makes one undo of this and the person's last change where both only move the same label. */
      join: z.boolean().default(false),
      token: Token.optional(),
    }),
    /** In the order given. */
    output: z.object({
      added: z.array(Annotation),
      updated: z.array(Annotation),
      removed: z.array(z.int()),
    }),
  },
  /**
   * Reads annotations and predictions written by an export, or labelled rows (`steps` + `annotations`),
   * and attaches them to the traces with the same text. Repeating it adds nothing. Where a person says of one span
   * that a behaviour is present and that it is absent, the later counts, and what is there where no time tells;
   * labels that give way can be put back by an undo.
   */
  'labels.import': {
    input: z.object({ path: z.string() }),
    output: LabelImport,
  },
} satisfies Contract
