import { Option, type Command } from 'commander'
import type { TraceDetail } from '#shared/contract/traces.ts'
import {
  loadLatexParser,
  standardCheckers,
  verifyAnswer,
  type Outcome,
  type Verdict,
} from '#shared/domain/answers/index.ts'
import { addImportOptions, type ImportFlags } from '../import-options.ts'
import { everyTrace, exitOnRejects, importRollouts } from '../rollouts.ts'
import { withTemporaryWorkspace } from '../session.ts'
import { count, note, paint, percent, print, table } from '../terminal.ts'

interface Flags extends ImportFlags {
  checker?: string
  disagreements?: boolean
  show: string
  json?: boolean
}

const CHECKERS = ['countdown', 'multiple-choice', 'math', 'text'] as const

const HELP = `
Finds the answer of every trace (\\boxed{}, <answer>, ####, "the answer is", the last formula or number), compares it
with the reference by value, and sets the verdict beside the correct or reward the file brings. Nothing is kept, and
nothing of the file is overwritten.

Checkers, chosen by the trace unless --checker names one: countdown (the rule of verl's reward: last line, every
number once, within 1e-5), multiple-choice (letters), math (numbers, fractions, percentages, units, intervals, sets,
tuples, matrices, expressions), text (words).

Verdicts: correct, incorrect, no_answer, unknown (nothing to compare with).
JSON: one line a trace, {"trace": {"run", "checkpoint", "key", "sample", "source", "line", "row"}, "verdict",
"extracted", "method", "reference", "reason", "checker", "imported": {"correct", "reward"}, "agrees"}; agrees is null
where the file says nothing or the verdict is unknown.

Examples:
  cairn verify eval_samples.jsonl
  cairn verify runs/ --disagreements --json > disagreements.jsonl
  cairn verify gsm8k.jsonl --checker math --json | jq -r 'select(.agrees == false) | .trace.key'`

export function verifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .summary('check the answers of rollout files, and compare with what the files say')
    .argument('<files...>', 'rollout files, folders or archives; "-" for standard input')
    .addOption(new Option('--checker <name>', 'judge every trace by this checker').choices(CHECKERS))
    .option('--disagreements', 'only traces whose file says something else')
    .option('--show <n>', 'disagreements listed below the table', '20')
    .option('--json', 'print one JSON line a trace; the table goes to standard error')
    .addHelpText('after', HELP)
  addImportOptions(command)
  command.action(verify)
}

async function verify(files: string[], flags: Flags): Promise<void> {
  await withTemporaryWorkspace(async ({ client }) => {
    const report = await importRollouts(client, files, flags)
    const results: Result[] = []
    const checkers = standardCheckers(await loadLatexParser())
    for await (const trace of everyTrace(client, 'Verifying')) {
      const result = judge(trace, verifyAnswer(checkInput(trace), checkers, flags.checker))
      results.push(result)
      if (flags.json && (!flags.disagreements || result.agrees === false))
        print(JSON.stringify(toJson(result)))
    }
    summarise(results, Number(flags.show) || 0, flags.json ? note : print)
    exitOnRejects(report, flags)
  })
}

interface Result {
  /** The trace without its texts: a file of any size fits. */
  trace: Pick<TraceDetail, 'row' | 'sourceName' | 'place'>
  verdict: Verdict
  /** Whether the file says the same; null where it says nothing, or there is no verdict. */
  agrees: boolean | null
}

function judge({ row, sourceName, place }: TraceDetail, verdict: Verdict): Result {
  const { correct } = row
  const agrees =
    correct === null || verdict.outcome === 'unknown' ? null : correct === (verdict.outcome === 'correct')
  return { trace: { row, sourceName, place }, verdict, agrees }
}

function checkInput({ row, messages, response, reference, metadata }: TraceDetail) {
  const prompt = messages?.map(({ content }) => content).join('\n\n') ?? row.prompt
  return { prompt, response, reference, metadata }
}

function toJson({ trace, verdict, agrees }: Result) {
  const { run, checkpoint, key, sample, correct, reward } = trace.row
  const { outcome, extracted, method, reference, reason, checker } = verdict
  return {
    trace: {
      run,
      checkpoint,
      key,
      sample,
      source: trace.sourceName,
      line: trace.place.line,
      row: trace.place.row,
    },
    verdict: outcome,
    extracted,
    method,
    reference,
    reason,
    checker,
    imported: { correct, reward },
    agrees,
  }
}

function summarise(results: readonly Result[], shown: number, write: (line: string) => void): void {
  const groups = Map.groupBy(
    results,
    ({ trace, verdict }) => `${trace.row.run}\n${trace.row.checkpoint ?? ''}\n${verdict.checker}`,
  )
  const of = (group: readonly Result[], outcome: Outcome) =>
    group.filter(({ verdict }) => verdict.outcome === outcome).length
  const rows = [...groups.values()].map((group) => {
    const { trace, verdict } = group[0]!
    const compared = group.filter(({ agrees }) => agrees !== null)
    const agreed = compared.filter(({ agrees }) => agrees).length
    return [
      trace.row.run,
      trace.row.checkpoint,
      verdict.checker,
      group.length,
      of(group, 'correct'),
      of(group, 'incorrect'),
      of(group, 'no_answer'),
      of(group, 'unknown'),
      compared.length,
      compared.length === 0 ? null : percent(agreed / compared.length),
      compared.length - agreed,
    ]
  })
  const headers = [
    'run',
    'checkpoint',
    'checker',
    'traces',
    'correct',
    'incorrect',
    'no answer',
    'unknown',
    'compared',
    'agree',
    'disagree',
  ]
  write(table(headers, rows))
  const disagreements = results.filter(({ agrees }) => agrees === false)
  if (disagreements.length === 0 || shown === 0) return
  write('')
  for (const { trace, verdict } of disagreements.slice(0, shown)) {
    const { run, checkpoint, key, sample, correct } = trace.row
    const name = [run, checkpoint, key, sample].filter((part) => part !== null).join(' · ')
    write(
      `${name}: file says ${correct ? 'correct' : 'incorrect'}, Cairn ${paint('bold', verdict.outcome)} (${verdict.reason}); answer ${quoted(verdict.extracted)}, reference ${quoted(verdict.reference)}`,
    )
  }
  if (disagreements.length > shown) write(`and ${count(disagreements.length - shown)} more; --json lists all`)
}

function quoted(text: string | null): string {
  if (text === null) return 'none'
  const line = text.replace(/\s+/g, ' ')
  return `"${line.length > 60 ? `${line.slice(0, 59)}…` : line}"`
}
