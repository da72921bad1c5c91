import type { Message } from '../trace.ts'
import { branchPairs } from './branch-pairs.ts'
import type { Draft } from './draft.ts'
import { editPairs } from './edit-pairs.ts'
import type { Recipe } from './recipe.ts'
import { labelledSteps } from './step-labels.ts'
import type { Subject } from './subject.ts'
import { treeText } from './tree-text.ts'

/** What every row begins with. */
interface Question {
  readonly prompt: string
  /** The conversation before the response; null where the prompt is all there is. */
  readonly messages: readonly Message[] | null
  /** The beginning of the response, when it is given. */
  readonly partial: string
}

/** A row before it takes the shape that a trainer reads. */
export type Row = Question &
  (
    | { readonly kind: 'sft'; readonly completion: string }
    | { readonly kind: 'preference'; readonly chosen: string; readonly rejected: string }
    | {
        readonly kind: 'stepwise'
        readonly completions: readonly string[]
        readonly labels: readonly boolean[]
      }
  )

/** The rows that one trace makes; none where it lacks what the recipe asks for. Pairs of traces are `pairRow`'s. */
export function rowsOf({ rows }: Pick<Recipe, 'rows'>, subject: Subject, draft: Draft): Row[] {
  const question = questionOf(draft)
  if (rows.kind === 'branch_pairs' || rows.kind === 'edit_pairs')
    return (rows.kind === 'branch_pairs' ? branchPairs(subject) : editPairs(subject.trace, rows))
      .slice(0, rows.per_trace)
      .map(({ shared, chosen, rejected }) => ({
        ...question,
        kind: 'preference',
        partial: shared,
        chosen,
        rejected,
      }))
  if (rows.kind === 'steps') {
    const steps = labelledSteps(subject, rows)
    return steps === null ? [] : [{ ...question, kind: 'stepwise', ...steps }]
  }
  if (rows.kind === 'trees') {
    const completion = treeText(subject, rows)
    return completion === null ? [] : [{ ...question, kind: 'sft', completion }]
  }
  return [{ ...question, kind: 'sft', completion: draft.text }]
}

/** The row of two responses to one prompt. */
export function pairRow(chosen: Draft, rejected: Draft): Row {
  return { ...questionOf(chosen), kind: 'preference', chosen: chosen.text, rejected: rejected.text }
}

const questionOf = ({ prompt, messages, partial }: Draft): Question => ({ prompt, messages, partial })
