import type { Command } from 'commander'
import type { Device } from '#shared/contract/classify.ts'
import { AdaptationResult, EvaluationResult } from '#shared/contract/models.ts'
import { CairnError } from '#shared/errors.ts'
import { addClassifyOptions } from '../model-options.ts'
import { follow, withTemporaryWorkspace, withWorkspace, type Session } from '../session.ts'
import { bytes, note, print, table } from '../terminal.ts'
import { addModelsAdd } from './models-add.ts'
import { addModelsQueue } from './models-queue.ts'
import { adaptationReport, evaluationReport, readErrors } from './models-output.ts'
import { trainCommand } from './train.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

const EVAL_HELP = `
FILE is JSON lines: either rows {"text", "steps": [[start, end], …], "annotations": [{"step", "start", "end",
"behaviours": […]}], "source"?, "problem"?, "prompt"?} with offsets in Unicode code points, or what
"cairn export -f annotations" wrote. Rows of the first kind were read throughout: every step counts. Of the second only
those steps count that somebody has judged (a step that shows one behaviour is judged for all, one that is denied a
behaviour for that), and rows without labels are left out; with --throughout every step of every row counts.

With -w the model may be one of the workspace's own; without --labels it is measured on the workspace's labels, of which
those same steps count, or with --throughout every step of a labelled trace. Without --model it is the model that the
workspace uses ("cairn models list -w"), without -w cairn-accurate.

The model segments the text itself. A step of the file takes the highest probability of the model's steps
that overlap it by at least half of the shorter of the two (where none does, of the one that overlaps most).
Steps count as predicted at the thresholds stored with the model. F1 has a 95 % interval by drawing whole
problems with replacement (null where there is only one); ECE is over ten bins of equal width. Episodes are runs of neighbouring steps.

JSON: {"behaviours": {"verification": {"support", "precision", "recall", "f1", "f1_interval", "ap", "ece"}, …},
"sources": {"<source>": {…the same}}, "prose": {…all but Countdown}, "counts": {"verification": {"steps":
{"mae", "spearman", "mean_labelled", "mean_predicted", "source_mae"}, "episodes": {…}}, …}, "model", "version",
"thresholds", "traces", "steps", "same_steps", "invalid", "reliability", "curves", "errors", …}; null where a
figure is undefined.

Examples:
  cairn models eval --labels dev.jsonl
  cairn models eval --labels dev.jsonl --model cairn-fast --json | jq .behaviours.backtracking.f1
  cairn models eval -w study --model cairn-accurate-mine`

const ADAPT_HELP = `
cairn-accurate has an ensemble of heads that were taught other sources and other readings of the labels: yours weigh
them, with --annotator one person's. For other models, and with --throughout, a small regression is fitted on top of the
model's own answers, by everybody's labels: --annotator has no place there. Without --model it is cairn-accurate that
learns; of an adapted model, the one that it was adapted from learns anew. The figures printed are of problems that were
left out while learning, and a behaviour that is not told better is left as it is. What comes of it is a model of the
workspace's own (<model>-mine, with --annotator named after the person); the built-in one stays, "cairn models remove"
takes it back.

Steps that one person has judged for all four behaviours, as "Label next" in the window asks for, count in full. Labels
of what somebody sees, and nothing else, weigh the heads against each other but do not say how often a behaviour is there;
with --throughout they do: what a labelled trace has no label for is then not there. A behaviour is changed from five
judged steps on that show it and five that do not, and only where what is gained on these outweighs what would change on
steps of which nobody has said anything.

Examples:
  cairn models adapt -w study && cairn classify -w study --model cairn-accurate-mine
  cairn models adapt -w study --annotator Ann`

/** What each of the built-in models is for. */
const PURPOSES: Readonly<Record<string, string>> = {
  'cairn-accurate': 'labelling',
  'cairn-fast': 'whole corpora on a CPU',
}

export function modelsCommand(program: Command): void {
  const models = program.command('models').summary('the classifiers at hand, and how good they are')
  const listing = models
    .command('list')
    .summary('the models at hand, and what each can do')
    .option('--json', 'print JSON')
    .option('-w, --workspace <dir>', 'also those of a workspace')
  listing.action(list)
  const evaluation = models
    .command('eval')
    .summary('measure a model on labelled traces')
    .option('--labels <file>', 'the labelled traces; without it those of the workspace')
    .option('-w, --workspace <dir>', 'the workspace that the model or the labels are in')
    .option('--throughout', 'every step of a labelled trace counts, judged or not')
    .option('--json', 'print JSON')
    .option('--errors <n>', 'also print the gravest errors of each behaviour and kind, to read', '0')
    .addHelpText('after', EVAL_HELP)
  addClassifyOptions(evaluation)
  evaluation.action(evaluate)
  const adaptation = models
    .command('adapt')
    .summary('learn from the labels of a workspace')
    .option('--annotator <name>', 'learn from this person’s labels only')
    .option(
      '--throughout',
      'every step of a labelled trace counts, not only judged ones; not with --annotator',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', ADAPT_HELP)
  addWorkspaceOption(adaptation)
  addClassifyOptions(adaptation)
  adaptation.action(adapt)
  trainCommand(models)
  addModelsQueue(models)
  addModelsAdd(models)
  const removal = models
    .command('remove')
    .summary('remove a model of a workspace’s own')
    .argument('<id>', 'the model')
  addWorkspaceOption(removal)
  removal.action(async (id: string, { workspace }: { workspace: string }) => {
    await withWorkspace(workspace, { create: false }, async ({ client }) => {
      await client.call('models.remove', { model: id })
      note(`${id} is removed; "cairn classify --model …" shows another model’s predictions.`)
    })
  })
}

async function list(flags: { json?: boolean; workspace?: string }): Promise<void> {
  const work = async ({ client }: Session) => {
    const all = await client.call('models.list', {})
    for (const { problem } of await client.call('models.unreadable', {})) note(problem)
    if (flags.json) print(JSON.stringify(all, null, 2))
    else
      print(
        table(
          ['model', 'version', 'size', 'does', 'title', 'for'],
          all.map(({ id, version, bytes: size, tasks, title, standard }) => [
            id,
            version,
            bytes(size),
            tasks.join(', '),
            title,
            `${PURPOSES[id] ?? ''}${standard ? ' (used unless another is named)' : ''}`.trim(),
          ]),
        ),
      )
  }
  if (flags.workspace === undefined) await withTemporaryWorkspace(work)
  else await withWorkspace(flags.workspace, { create: false }, work)
}

interface AdaptFlags {
  workspace: string
  model?: string
  device?: Device
  throughout?: boolean
  annotator?: string
  json?: boolean
}

async function adapt({ workspace, model, device, throughout, annotator, json }: AdaptFlags): Promise<void> {
  await withWorkspace(workspace, { create: false }, async ({ client }) => {
    const job = await client.call('models.adapt', {
      judged: throughout !== true,
      annotator: annotator ?? null,
      ...(device !== undefined && { device }),
      ...(model !== undefined && { model }),
    })
    const result = AdaptationResult.parse((await follow(client, job, 'Learning')).result)
    print(json ? JSON.stringify(result, null, 2) : adaptationReport(result))
  })
}

interface EvalFlags {
  labels?: string
  workspace?: string
  throughout?: boolean
  model?: string
  device?: Device
  json?: boolean
  errors: string
}

async function evaluate({
  labels,
  workspace,
  throughout,
  model,
  device,
  json,
  errors,
}: EvalFlags): Promise<void> {
  if (labels === undefined && workspace === undefined)
    throw new CairnError(
      'bad_request',
      'There is nothing to measure on: name a label file (--labels FILE), or a workspace with labels (-w DIR).',
    )
  const work = async ({ client }: Session) => {
    const job = await client.call('models.evaluate', {
      ...(labels !== undefined && { labels }),
      judged: throughout !== true,
      ...(device !== undefined && { device }),
      ...(model !== undefined && { model }),
    })
    const result = EvaluationResult.parse((await follow(client, job, 'Evaluating')).result)
    for (const problem of result.problems) note(problem)
    if (json) print(JSON.stringify(result, null, 2))
    else print([evaluationReport(result), ...readErrors(result, Number(errors) || 0)].join('\n\n'))
  }
  if (workspace === undefined) await withTemporaryWorkspace(work)
  else await withWorkspace(workspace, { create: false }, work)
}
