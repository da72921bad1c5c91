import { countdownProblem } from '#shared/domain/countdown/problem.ts'
import {
  pairRow,
  rowsOf,
  subjectOf,
  transform,
  type Chosen,
  type CurateTrace,
  type Row,
} from '#shared/domain/curate/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { DatasetOptions, RowFacts } from '../exporters/dataset/types.ts'
import type { CurateSource } from './curate-source.ts'
import type { Plan } from './curate-run.ts'

/** The rows of a chosen unit, with the traces they come from, the chosen one of a pair first. */
export interface MadeRows {
  readonly unit: Chosen
  readonly rows: readonly Row[]
  readonly traces: readonly CurateTrace[]
}

/** Units whose texts are read together. */
const PAGE = 64

/** The rows of chosen units, in their order. Texts are read again, some units at a time. */
export function* makeRows(
  { recipe, context }: Pick<Plan, 'recipe' | 'context'>,
  units: readonly Chosen[],
  source: CurateSource,
): Generator<MadeRows> {
  for (let at = 0; at < units.length; at += PAGE) {
    const page = units.slice(at, at + PAGE)
    const traces = source.read(page.flatMap(({ ids }) => ids))
    let next = 0
    for (const unit of page) yield rowsOfUnit(unit, traces.slice(next, (next += unit.ids.length)))
  }

  function rowsOfUnit(unit: Chosen, traces: readonly CurateTrace[]): MadeRows {
    const made = traces.map((trace) => {
      const subject = subjectOf(trace, context)
      const draft = transform(subject, recipe.transforms, context, false)
      if (draft === null)
        throw new CairnError('conflict', `Trace ${trace.id} changed while the set was made; start again.`, {
          id: trace.id,
        })
      return { subject, draft }
    })
    const rows =
      recipe.rows.kind === 'pairs'
        ? [pairRow(made[0]!.draft, made[1]!.draft)]
        : made.flatMap(({ subject, draft }) => rowsOf(recipe, subject, draft))
    return { unit, rows, traces }
  }
}

/** What is known of a row. `fact` is the first of the unit's. */
export function factsOf(unit: Chosen, trace: CurateTrace, index: number): RowFacts {
  const fact = unit.facts[0]!
  return {
    source: trace.source.name,
    row: trace.source.row,
    run: trace.run,
    checkpoint: trace.checkpoint,
    key: trace.key,
    sample: trace.sample,
    textHash: trace.textHash,
    correct: fact.correct,
    reference: trace.reference,
    countdown: countdownProblem(trace.prompt, trace.metadata),
    counts: fact.counts,
    labels: fact.from,
    split: unit.split,
    index,
  }
}

/** How the rows of a plan are laid out. */
export function optionsOf(plan: Plan, source: CurateSource): DatasetOptions {
  const { recipe } = plan
  const { rows, output, transforms } = recipe
  const kind = ['pairs', 'branch_pairs', 'edit_pairs'].includes(rows.kind)
    ? 'preference'
    : rows.kind === 'steps'
      ? 'stepwise'
      : 'sft'
  return {
    format: output.format,
    kind,
    origin: output.origin,
    templated: transforms.some(({ chat_template: template }) => template !== undefined),
    partial:
      ['branch_pairs', 'edit_pairs'].includes(rows.kind) || transforms.some(({ cut }) => cut !== undefined),
    // One shape of ground truth for the whole set: numbers and target only where every problem is a Countdown one.
    countdown: recipe.output.format === 'verl_prompt' && isCountdown(plan, source),
  }
}

/** Whether every problem is a Countdown one: a data set has one shape of ground truth. */
function isCountdown({ selection }: Plan, source: CurateSource): boolean {
  for (let at = 0; at < selection.units.length; at += PAGE) {
    const first = selection.units.slice(at, at + PAGE).map(({ ids }) => ids[0]!)
    const isOther = ({ prompt, metadata }: CurateTrace) => countdownProblem(prompt, metadata) === null
    if (source.read(first).some(isOther)) return false
  }
  return true
}
