import { basename } from 'node:path'
import { Option, type Command } from 'commander'
import type { FilterInput } from '#shared/contract/filter.ts'
import {
  createSurvey,
  SURVEY_DEFAULTS,
  SURVEY_FILTERS,
  type SurveyedProblem,
  type SurveyFilter,
} from '#shared/domain/problems/index.ts'
import type { EngineClient } from '#engine/create-engine.ts'
import { parseNumber } from '../option-values.ts'
import { addImportOptions, selectionOf, type ImportFlags } from '../import-options.ts'
import { everyTrace, exitOnRejects, importRollouts } from '../rollouts.ts'
import { follow, withTemporaryWorkspace, withWorkspace } from '../session.ts'
import { count, note, percent, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface Flags extends ImportFlags {
  workspace: string
  near: number
  minSolve: number
  maxSolve: number
  samples: number
  only?: 'kept' | 'dropped'
  show: number
  json?: boolean
}

const HELP = `
Looks at every problem once and tells which are unfit for training with verifiable rewards, and why, after the filters
of Big-Math (Albalak et al. 2025): multiple_choice, yes_no, proof, multi_part, not_closed_form, no_unique_answer,
near_duplicate (of an earlier problem with the same numbers; MinHash over five words), too_hard and too_easy (solve rate over the samples,
by the file's correctness, else by Cairn's verdict). FILES are whatever "cairn import" reads, and nothing is kept;
without them it is the workspace, of which --run and --checkpoint select traces.

The filters are rules over words: look at what they drop before you drop it. In recipes they are "problem: { drop:
[…] }", "unique: { near: 0.8 }" and "solve_rate".

JSON: one line a problem, {"problem", "prompt", "samples", "judged", "solved", "solve_rate", "fit", "flags":
[{"filter", "reason"}]}; solve_rate is null where no sample was judged.

Examples:
  cairn problems gsm8k_samples.jsonl
  cairn problems runs/ --json --only dropped | jq -r '[.problem, .flags[0].reason] | @tsv'
  cairn problems -w study --min-solve 0.1 --max-solve 0.9`

export function problemsCommand(program: Command): void {
  const { near, solveRate } = SURVEY_DEFAULTS
  const command = program
    .command('problems')
    .summary('which problems are unfit for training with verifiable rewards, and why')
    .argument('[files...]', 'rollout files, folders or archives; "-" for standard input')
    .option('--near <share>', 'similarity that makes a near duplicate', parseNumber, near)
    .option('--min-solve <share>', 'below it a problem is too hard', parseNumber, solveRate.min)
    .option('--max-solve <share>', 'above it a problem is too easy', parseNumber, solveRate.max)
    .option('--samples <n>', 'judged samples that a solve rate needs', parseNumber, solveRate.samples)
    .addOption(new Option('--only <which>', 'of the JSON lines').choices(['kept', 'dropped']))
    .option('--show <n>', 'dropped problems listed below the table', parseNumber, 10)
    .option('--json', 'print one JSON line a problem; the table goes to standard error')
    .addHelpText('after', HELP)
  addWorkspaceOption(command)
  addImportOptions(command)
  command.action(async (files: string[], flags: Flags) => {
    if (files.length === 0) {
      const selected = selectionOf(flags)
      return withWorkspace(flags.workspace, { create: false }, ({ client }) =>
        survey(client, flags, selected),
      )
    }
    await withTemporaryWorkspace(async ({ client }) => {
      const report = await importRollouts(client, files, flags)
      await survey(client, flags, {})
      exitOnRejects(report, flags)
    })
  })
}

async function survey(client: EngineClient, flags: Flags, filter: FilterInput): Promise<void> {
  await follow(client, await client.call('verdicts.start', { filter }), 'Checking')
  const { near, minSolve: min, maxSolve: max, samples } = flags
  const collected = createSurvey({ near, solveRate: { min, max, samples } })
  for await (const { row, messages, reference, sourceName, place } of everyTrace(client, 'Reading', filter))
    collected.add({
      name: row.key ?? `${basename(sourceName)}:${place.line ?? place.row + 1}`,
      prompt: messages?.map(({ content }) => content).join('\n\n') ?? row.prompt,
      reference,
      correct: row.correct ?? row.verified,
    })
  const dropped: SurveyedProblem[] = []
  const counts = new Map<SurveyFilter, number>()
  let total = 0
  for (const problem of collected.results()) {
    total++
    const fit = problem.flags.length === 0
    if (!fit) dropped.push(problem)
    for (const { filter } of problem.flags) counts.set(filter, (counts.get(filter) ?? 0) + 1)
    if (flags.json && (flags.only === undefined || fit === (flags.only === 'kept')))
      print(JSON.stringify(toJson(problem)))
  }
  const write = flags.json ? note : print
  write(
    table(
      ['problems', 'count', 'share'],
      [
        ['all', total, null],
        ...SURVEY_FILTERS.map((filter): [string, number, string | null] => {
          const found = counts.get(filter) ?? 0
          return [filter.replaceAll('_', ' '), found, total === 0 ? null : percent(found / total)]
        }),
        ['fit', total - dropped.length, total === 0 ? null : percent(1 - dropped.length / total)],
      ],
    ),
  )
  if (dropped.length === 0 || flags.show === 0) return
  write('')
  for (const { name, prompt, flags: against } of dropped.slice(0, flags.show)) {
    const line = prompt.replace(/\s+/g, ' ')
    write(`${name}: ${line.length > 70 ? `${line.slice(0, 69)}…` : line}`)
    for (const { filter, reason } of against) write(`    ${filter.replaceAll('_', ' ')}: ${reason}`)
  }
  if (dropped.length > flags.show) write(`and ${count(dropped.length - flags.show)} more; --json lists all`)
}

function toJson({ name, prompt, samples, judged, solved, flags }: SurveyedProblem) {
  const solve_rate = judged === 0 ? null : solved / judged
  return { problem: name, prompt, samples, judged, solved, solve_rate, fit: flags.length === 0, flags }
}
