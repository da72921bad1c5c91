import { z } from 'zod'
import { BEHAVIOURS } from '../behaviours.ts'

const Behaviour = z.enum(BEHAVIOURS)
const Whole = z.int().nonnegative()

export const TRANSFORM_KINDS = [
  'think',
  'branches',
  'replace_thought',
  'truncate',
  'cut',
  'mask',
  'system',
  'chat_template',
] as const
const StepPlace = z.strictObject({
  /** Steps kept, from the start. */
  steps: Whole.optional(),
  tokens: Whole.optional(),
  characters: Whole.optional(),
  /** Share of the steps kept. */
  share: z.number().min(0).max(1).optional(),
  /** Just before the first step that shows it. */
  before_first: Behaviour.optional(),
})
export type StepPlace = z.infer<typeof StepPlace>
const oneOf = (value: object) => Object.values(value).filter((part) => part !== undefined).length === 1

/** A change to the text of a row; every transform is exactly one of them. */
export const Transform = z
  .strictObject({
    /**
     * `normalise`: `<think>…</think>` and then the answer; `strip`: the answer alone; `unwrap`: tags go, text stays.
     */
    think: z.enum(['normalise', 'strip', 'unwrap']).optional(),
    /** `drop_failed`: steps of branches that the answer does not rest on are left out. */
    branches: z.enum(['drop_failed', 'only_failed']).optional(),
    replace_thought: z
      .strictObject({
        with: z.enum(['nothing', 'filler', 'text']),
        /** The filler, repeated, or the text. */
        text: z.string().optional(),
      })
      .optional(),
    /** The response ends at a step. */
    truncate: StepPlace.refine(oneOf, 'give one place').optional(),
    /** The response up to a step becomes part of the prompt: what is learnt is to go on from there. */
    cut: StepPlace.refine(oneOf, 'give one place').optional(),
    /** Steps that show one of these behaviours are replaced. */
    mask: z.strictObject({ behaviours: z.array(Behaviour).min(1), with: z.string().default('') }).optional(),
    /** A system message before the conversation; `{behaviours}` and `{handbook}` stand for those of the row. */
    system: z.string().optional(),
    /** The prompt as the model sees it, by the Jinja template in this file (or tokenizer_config.json). */
    chat_template: z.strictObject({ file: z.string().min(1) }).optional(),
  })
  .superRefine((transform, context) => {
    const kinds = TRANSFORM_KINDS.filter((kind) => transform[kind] !== undefined)
    if (kinds.length !== 1)
      context.addIssue({
        code: 'custom',
        message:
          kinds.length === 0
            ? `a transform needs one of: ${TRANSFORM_KINDS.join(', ')}`
            : `a transform is one change; this one has ${kinds.join(' and ')}. Make them two transforms`,
      })
  })
export type Transform = z.infer<typeof Transform>
