import type { CountdownProblem } from '#shared/domain/countdown/problem.ts'
import type { Format, Row } from '#shared/domain/curate/index.ts'
import type { Columns } from '../columns.ts'
import type { Row as Cells } from '../layouts.ts'

/** Where a row comes from, and what is known of it. */
export interface RowFacts {
  readonly source: string
  readonly row: number
  readonly run: string
  readonly checkpoint: number | null
  readonly key: string | null
  readonly sample: number | null
  readonly textHash: string
  readonly correct: boolean | null
  readonly reference: string | null
  readonly countdown: CountdownProblem | null
  /** Steps that show each behaviour, in the order of `BEHAVIOURS`. */
  readonly counts: readonly number[]
  readonly labels: readonly string[]
  readonly split: string
  /** Within the split, from 0. */
  readonly index: number
}

export interface DatasetOptions {
  readonly format: Format
  readonly kind: Row['kind']
  /** Whether rows name the trace they come from; OpenAI takes no such fields. */
  readonly origin: boolean
  /** Whether prompts are text that a chat template made, to which the response is joined as it is. */
  readonly templated: boolean
  /** Whether some responses have begun in the prompt, so that prompts must be text. */
  readonly partial: boolean
  /** Whether every problem is a Countdown problem, so that rewards can be computed from numbers and target. */
  readonly countdown: boolean
}

/** How rows of a data set are written. `columns` names every field of `row`, in its order. */
export interface DatasetLayout {
  readonly columns: Columns
  row(row: Row, facts: RowFacts): Cells
}
