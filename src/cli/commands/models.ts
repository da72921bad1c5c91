import type { Command } from 'commander'
import type { Device } from '#shared/contract/classify.ts'
import { EvaluationResult } from '#shared/contract/models.ts'
import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import { follow, withTemporaryWorkspace } from '../session.ts'
import { bytes, count, note, print, table } from '../terminal.ts'
import { addClassifyOptions } from './classify.ts'

const EVAL_HELP = `
FILE is JSON lines: either rows {"text", "steps": [[start, end], …], "annotations": [{"step", "start", "end",
"behaviours": […]}], "source"?, "problem"?, "prompt"?} with offsets in Unicode code points, or what
"cairn export -f annotations" wrote.

The model segments the text itself. A step of the file takes the highest probability of the model's steps
that overlap it by at least half of the shorter of the two (where none does, of the one that overlaps most).
Steps count as predicted at the thresholds stored with the model. F1 has a 95 % interval by drawing whole
problems with replacement; ECE is over ten bins of equal width. Episodes are runs of neighbouring steps.

JSON: {"behaviours": {"verification": {"support", "precision", "recall", "f1", "f1_interval", "ap", "ece"}, …},
"sources": {"<source>": {…the same}}, "prose": {…all but Countdown}, "counts": {"verification": {"steps":
{"mae", "spearman", "mean_labelled", "mean_predicted", "source_mae"}, "episodes": {…}}, …}, "model", "version",
"thresholds", "traces", "steps", "same_steps", "invalid", …}; null where a figure is undefined.

Examples:
  cairn models eval --labels dev.jsonl
  cairn models eval --labels dev.jsonl --model cairn-fast --json | jq .behaviours.backtracking.f1`

export function modelsCommand(program: Command): void {
  const models = program.command('models').summary('the classifiers at hand, and how good they are')
  models.command('list').summary('the models that can classify').option('--json', 'print JSON').action(list)
  const evaluation = models
    .command('eval')
    .summary('measure a model on labelled traces')
    .requiredOption('--labels <file>', 'the labelled traces')
    .option('--json', 'print JSON')
    .addHelpText('after', EVAL_HELP)
  addClassifyOptions(evaluation)
  evaluation.action(evaluate)
}

async function list(flags: { json?: boolean }): Promise<void> {
  await withTemporaryWorkspace(async ({ client }) => {
    const all = await client.call('models.list', {})
    if (flags.json) print(JSON.stringify(all, null, 2))
    else
      print(
        table(
          ['model', 'version', 'size', 'title'],
          all.map(({ id, version, bytes: size, title }) => [id, version, bytes(size), title]),
        ),
      )
  })
}

interface EvalFlags {
  labels: string
  model?: string
  device?: Device
  json?: boolean
}

async function evaluate({ labels, model, device, json }: EvalFlags): Promise<void> {
  await withTemporaryWorkspace(async ({ client }) => {
    const job = await client.call('models.evaluate', {
      labels,
      ...(device !== undefined && { device }),
      ...(model !== undefined && { model }),
    })
    const result = EvaluationResult.parse((await follow(client, job, 'Evaluating')).result)
    for (const problem of result.problems) note(problem)
    print(json ? JSON.stringify(result, null, 2) : report(result))
  })
}

function report(result: EvaluationResult): string {
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
