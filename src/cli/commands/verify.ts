import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import { parse } from 'yaml'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { TraceDetail } from '#shared/contract/traces.ts'
import { Checking, CHECKERS, claimOf } from '#shared/domain/answers/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { EngineClient } from '#engine/create-engine.ts'
import { addImportOptions, selectionOf, type ImportFlags } from '../import-options.ts'
import { everyTrace, exitOnRejects, importRollouts } from '../rollouts.ts'
import { follow, withTemporaryWorkspace, withWorkspace } from '../session.ts'
import { note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'
import { summarise, type Verified } from './verify-output.ts'

interface Flags extends ImportFlags {
  workspace: string
  checker?: string
  rules?: string
  again?: boolean
  disagreements?: boolean
  show: string
  json?: boolean
}

const HELP = `
Finds the answer of every trace (\\boxed{}, <answer>, ####, "the answer is", the last formula or number), compares it
with the reference by value, and sets the verdict beside the correct or reward the file brings. Nothing of the file
is overwritten. Of FILES nothing is kept; without FILES the workspace is checked, and keeps its verdicts: the window
shows them, and --verdict and --disagrees select by them in every command that takes a selection. --run and
--checkpoint select traces of the workspace; of FILES they say what the run and checkpoint are.

Checkers, chosen by the trace unless --checker names one: countdown (the rule of verl's reward: last line, every
number once, within 1e-5), multiple-choice (letters), math (numbers, fractions, percentages, units, intervals, sets,
tuples, matrices, expressions), text (words).

--rules FILE (YAML or JSON) puts checkers of your own in front, as a list:
  - name: lab-format
    prompt: 'Reply as RESULT'      # regular expression; for which problems (all when left out)
    answer: '^RESULT: (.+)$'       # the last match, its first group (Cairn's search when left out)
    reference: gold.value          # path in the metadata (the trace's reference when left out)
    compare: value                 # or words, exact
A workspace keeps --rules and --checker; "--rules none" and "--checker any" take them away.

Verdicts: correct, incorrect, no_answer, unknown (nothing to compare with, or nothing that can be compared).
JSON: one line a trace, {"trace": {"run", "checkpoint", "key", "sample", "source", "line", "row"}, "verdict",
"extracted", "method", "reference", "reason", "checker", "imported": {"correct", "reward"}, "agrees"}; agrees is null
where the file says nothing or the verdict is unknown. A reward of 1, 0 or -1 counts where there is no correct.

Examples:
  cairn verify eval_samples.jsonl
  cairn verify runs/ --disagreements --json > disagreements.jsonl
  cairn verify gsm8k.jsonl --checker math --json | jq -r 'select(.agrees == false) | .trace.key'
  cairn verify -w study --rules lab.yaml
  cairn export wrong.jsonl -w study -f traces --disagrees`

export function verifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .summary('check the answers of rollout files or a workspace, and compare with what the files say')
    .argument('[files...]', 'rollout files, folders or archives; "-" for standard input')
    .addOption(
      new Option('--checker <name>', `judge every trace by this one: ${CHECKERS.join(', ')}, or of --rules`),
    )
    .option('--rules <file>', 'checkers of your own, asked first')
    .option('--again', 'also traces that have a verdict')
    .option('--disagreements', 'only traces whose file says something else')
    .option('--show <n>', 'disagreements listed below the table', '20')
    .option('--json', 'print one JSON line a trace; the table goes to standard error')
    .addHelpText('after', HELP)
  addWorkspaceOption(command)
  addImportOptions(command)
  command.action(verify)
}

async function verify(files: string[], flags: Flags): Promise<void> {
  if (files.length === 0) {
    const selected = selectionOf(flags)
    return withWorkspace(flags.workspace, { create: false }, ({ client }) => check(client, flags, selected))
  }
  await withTemporaryWorkspace(async ({ client }) => {
    const report = await importRollouts(client, files, flags)
    await check(client, flags, {})
    exitOnRejects(report, flags)
  })
}

async function check(client: EngineClient, flags: Flags, filter: FilterInput): Promise<void> {
  await setChecking(client, flags)
  const job = await client.call('verdicts.start', { filter, force: flags.again ?? false })
  await follow(client, job, 'Checking')
  const results: Verified[] = []
  for await (const trace of everyTrace(client, 'Comparing', filter)) {
    const result = verifiedOf(trace)
    if (result === null) continue
    results.push(result)
    if (flags.json && (!flags.disagreements || result.agrees === false)) print(JSON.stringify(toJson(result)))
  }
  summarise(results, Number(flags.show) || 0, flags.json ? note : print)
}

/** Keeps the way of checking that the options name; what they leave out stays as it is. */
async function setChecking(client: EngineClient, { checker, rules }: Flags): Promise<void> {
  if (checker === undefined && rules === undefined) return
  const before = await client.call('verdicts.checking', {})
  const parsed = Checking.safeParse({
    checker: checker === undefined ? before.checker : checker === 'any' ? null : checker,
    rules: rules === undefined ? before.rules : rules === 'none' ? [] : readRules(rules),
  })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') ?? ''
    throw new CairnError(
      'bad_request',
      `${rules ?? '--checker'}: ${where} ${issue?.message ?? ''}. Nothing was checked.`,
    )
  }
  await client.call('verdicts.setChecking', parsed.data)
}

function readRules(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new CairnError('bad_request', `The rules ${path} cannot be read: ${(cause as Error).message}`, {
      path,
    })
  }
}

function verifiedOf({ row, sourceName, place, verdict }: TraceDetail): Verified | null {
  if (verdict === null) return null
  const claim = claimOf(row.correct, row.reward)
  const agrees =
    claim === null || verdict.outcome === 'unknown' ? null : claim === (verdict.outcome === 'correct')
  return { trace: { row, sourceName, place }, claim, verdict, agrees }
}

function toJson({ trace, verdict, agrees }: Verified) {
  const { run, checkpoint, key, sample, correct, reward } = trace.row
  const { outcome, extracted, method, reference, reason, checker } = verdict
  const { line, row } = trace.place
  return {
    trace: { run, checkpoint, key, sample, source: trace.sourceName, line, row },
    verdict: outcome,
    ...{ extracted, method, reference, reason, checker },
    imported: { correct, reward },
    agrees,
  }
}
