import type { Message } from '../trace.ts'
import { branchPairs } from './branch-pairs.ts'
import { OPENING, type Draft } from './draft.ts'
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
        partial: unopened(draft, shared),
        chosen: unopened(draft, chosen, shared),
        rejected: unopened(draft, rejected, shared),
      }))
  if (rows.kind === 'steps') {
    const steps = labelledSteps(subject, rows)
    if (steps === null) return []
    const [head = '', ...rest] = steps.completions
    const begun = unopened(draft, head)
    if (begun !== '') return [{ ...question, kind: 'stepwise', ...steps, completions: [begun, ...rest] }]
    return rest.length === 0
      ? []
      : [{ ...question, kind: 'stepwise', completions: rest, labels: steps.labels.slice(1) }]
  }
  if (rows.kind === 'trees') {
    const completion = treeText(subject, rows)
    return completion === null ? [] : [{ ...question, kind: 'sft', completion: unopened(draft, completion) }]
  }
  return [{ ...question, kind: 'sft', completion: unopened(draft, draft.text, draft.partial) }]
}

/** The row of two responses to one prompt. */
export function pairRow(chosen: Draft, rejected: Draft): Row {
  const textOf = (draft: Draft) => unopened(draft, draft.text, draft.partial)
  return { ...questionOf(chosen), kind: 'preference', chosen: textOf(chosen), rejected: textOf(rejected) }
}

/** A text of a row without the opening tag, where the prompt ends with one and no other text is between them. */
function unopened({ opened }: Draft, text: string, before = ''): string {
  return opened && before === '' ? text.replace(OPENING, '') : text
}

function questionOf(draft: Draft): Question {
  const { prompt, messages, partial } = draft
  return { prompt, messages, partial: unopened(draft, partial) }
}
