import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import {
  evaluateTargets,
  type Accuracy,
  type Evaluation,
  type LabelledSteps,
} from '#shared/domain/graph/evaluate.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'
import { CairnError } from '#shared/errors.ts'
import { collect } from '../option-values.ts'
import { optionsOfBoth } from '../options-above.ts'
import { percent, print, table } from '../terminal.ts'

const Row = z.object({
  text: z.string(),
  steps: z.array(z.tuple([z.int(), z.int()])),
  annotations: z.array(
    z.object({
      step: z.int().nonnegative(),
      behaviours: z.array(z.enum(BEHAVIOURS)),
      verifies: z.int().nullish(),
      returns_to: z.int().nullish(),
    }),
  ),
})

const HELP = `
Takes the labelled behaviours as given, chooses what each turn returns to and each check verifies, and
compares with the labels: the share of targets met exactly, and within two steps. Baselines: the step
before, the start of the trace (-1, the problem), the first step of the branch the step stands in.

Rows are {"text", "steps": [[start, end], …], "annotations": [{"step", "behaviours", "verifies"?,
"returns_to"?}, …]}; offsets count Unicode code points, targets are step indices, -1 the problem itself.

JSON: {"returns_to": {"n", "exact", "within2"}, "verifies": {…}, "baselines": {"previous_step":
{"returns_to": {…}, "verifies": {…}}, "start_of_trace": {…}, "last_branch": {…}}}; exact and within2 are
shares from 0 to 1.`

export function graphEvalCommand(graph: Command): void {
  graph
    .command('eval')
    .summary('accuracy of return points and verified steps on labelled files')
    .requiredOption('--labels <file>', 'JSONL of labelled traces (repeat for several)', collect)
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((_flags: unknown, command: Command) => {
      const { labels, json } = optionsOfBoth<{ labels: string[]; json?: boolean }>(command, ['json'])
      const evaluation = evaluateTargets(labels.flatMap(readLabels))
      print(json ? JSON.stringify(evaluation) : evaluationTable(evaluation))
    })
}

/**
 * Reads a file of labelled rows.
 * @throws CairnError `bad_request` naming file and line
 */
export function readLabels(file: string): LabelledSteps[] {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CairnError('bad_request', `${file} cannot be read: ${(cause as Error).message}.`, { file })
  }
  return content
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [readRow(line, `${file}:${index + 1}`)]))
}

function readRow(line: string, place: string): LabelledSteps {
  const fail = (reason: string) =>
    new CairnError('bad_request', `${place} is not a labelled trace: ${reason}.`, { place })
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    throw fail((cause as Error).message)
  }
  const parsed = Row.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw fail(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim())
  }
  const { text, steps, annotations } = parsed.data
  const offsets = createOffsetConverter(text, 'code_points')
  const beyond = annotations.find(({ step }) => step >= steps.length)
  if (beyond !== undefined) throw fail(`it annotates step ${beyond.step} of ${steps.length}`)
  try {
    return { text, bounds: Uint32Array.from(steps.flat(), (offset) => offsets.toUtf16(offset)), annotations }
  } catch (cause) {
    throw fail((cause as Error).message)
  }
}

function evaluationTable({ returns_to, verifies, baselines }: Evaluation): string {
  const row = (name: string, returns: Accuracy, checks: Accuracy) => [
    name,
    returns.n,
    percent(returns.exact),
    percent(returns.within2),
    checks.n,
    percent(checks.exact),
    percent(checks.within2),
  ]
  return table(
    ['', 'returns to', 'exact', 'within 2', 'verifies', 'exact', 'within 2'],
    [
      row('chosen', returns_to, verifies),
      ...Object.entries(baselines).map(([name, set]) =>
        row(name.replaceAll('_', ' '), set.returns_to, set.verifies),
      ),
    ],
  )
}
