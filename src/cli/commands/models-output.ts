import type { AdaptationResult, EvaluationResult, ReadableError } from '#shared/contract/models.ts'
import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import { ONE_PROBLEM } from '#shared/domain/one-problem-text.ts'
import { passageLines } from '../passage-lines.ts'
import { count, table } from '../terminal.ts'

/** The figures of an evaluation as tables. */
export function evaluationReport(result: EvaluationResult): string {
  const { behaviours, sources, prose, counts, traces, steps, same_steps: same } = result
  const parts = [
    ...Object.entries({ all: behaviours, ...(prose !== null && { prose }), ...sources }).flatMap(
      ([source, scores]) => BEHAVIOURS.map((behaviour) => ({ source, behaviour, ...scores[behaviour] })),
    ),
  ].filter(({ support, source }) => support > 0 || source === 'all')
  const scoreTable = table(
    ['source', 'behaviour', 'support', 'precision', 'recall', 'F1', '95 %', 'AP', 'ECE'],
    parts.map(({ source, behaviour, support, precision, recall, f1, f1_interval: within, ap, ece }) => [
      source,
      BEHAVIOUR_STYLE[behaviour].name,
      support,
      ...[precision, recall, f1].map(three),
      within === null ? '–' : `${three(within[0])!}–${three(within[1])!}`,
      three(ap),
      three(ece),
    ]),
  )
  const countTable = table(
    ['counts per trace', 'unit', 'MAE', 'Spearman', 'labelled', 'predicted'],
    BEHAVIOURS.flatMap((behaviour) =>
      (['steps', 'episodes'] as const).map((unit) => {
        const { mae, spearman, mean_labelled: labelled, mean_predicted: predicted } = counts[behaviour][unit]
        return [BEHAVIOUR_STYLE[behaviour].name, unit, ...[mae, spearman, labelled, predicted].map(three)]
      }),
    ),
  )
  return [
    `${result.model} ${result.version} on ${count(traces)} traces, ${count(steps)} steps (${count(same)} cut alike by Cairn)`,
    scoreTable,
    countTable,
  ].join('\n\n')
}

const three = (value: number | null): string | null => (value === null ? null : value.toFixed(3))

/** The gravest errors of each behaviour and kind, as passages to read. */
export function readErrors({ errors }: EvaluationResult, most: number): string[] {
  const groups = Map.groupBy(errors, ({ behaviour, kind }) => `${behaviour} ${kind}`)
  return [...groups.values()].flatMap((group) => group.slice(0, most).map(readError))
}

function readError(error: ReadableError): string {
  const { behaviour, kind, probability, source, line, traceId } = error
  const place = line === null ? `trace ${traceId}` : `line ${line}`
  return [
    `${kind === 'missed' ? 'Missed' : 'Not in the labels'}: ${BEHAVIOUR_STYLE[behaviour].name} at ${probability.toFixed(2)} (${source}, ${place})`,
    ...passageLines(error),
  ].join('\n')
}

/** What was learnt from labels, and whether it helps. */
export function adaptationReport(result: AdaptationResult): string {
  const { model, base, traces, behaviours } = result
  const rows = BEHAVIOURS.map((behaviour) => {
    const { steps, shown, before, after, lossBefore, lossAfter, kept } = behaviours[behaviour]
    const loss = [lossBefore, lossAfter].map((value) => value.toFixed(3))
    return [
      BEHAVIOUR_STYLE[behaviour].name,
      steps,
      shown,
      three(before),
      three(after),
      ...loss,
      kept ? 'yes' : 'no',
    ]
  })
  const head = [
    'behaviour',
    'judged',
    'shown',
    'F1 before',
    'F1 after',
    'loss before',
    'loss after',
    'changed',
  ]
  return [
    `${base}, learnt on ${count(traces)} labelled traces; figures of steps that were left out while learning`,
    table(head, rows),
    model === null
      ? nothingGained(result)
      : `The workspace now has the model ${model}; "cairn classify --model ${model}" uses it.`,
  ].join('\n\n')
}

function nothingGained({ problems, standing, base }: AdaptationResult): string {
  const why = problems === 1 ? ONE_PROBLEM : 'Nothing is told better than before. More labels may help.'
  const kept =
    standing === null
      ? 'No model was changed.'
      : `${standing}, which was learnt before, stays as it is; "cairn models remove ${standing}" goes back to ${base}.`
  return `${why} ${kept}`
}
