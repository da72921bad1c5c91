import { InvalidArgumentError, type Command } from 'commander'
import { checkDataset, type CheckReport } from '#engine/services/curate-check.ts'
import { FINDINGS, SAFETY_DEFAULTS, type FindingKind } from '#shared/domain/curate/index.ts'
import { EXIT } from '../exit-codes.ts'
import { parseNumber } from '../option-values.ts'
import { count, note, paint, print, table } from '../terminal.ts'

interface Flags {
  benchmark?: string[]
  near: number
  ngram: number
  show: string
  strict?: boolean
  json?: boolean
}

const HELP = `
DIR is a folder that "cairn curate" wrote, or any folder or file of training rows (.jsonl, .json, .parquet) in a format
that trainers read. Splits are taken from the manifest, else from the names of files.

Findings: ${FINDINGS.join(', ')}.
Near duplicates: MinHash over runs of five words. Overlap with --benchmark files: n-grams of 13 words (--ngram), over
every text in them. With --strict the exit code is 3 when there is any finding.

Examples:
  cairn check sets/mine
  cairn check sets/mine --benchmark gsm8k_test.jsonl --json > findings.json`

/** What each kind of finding is called. */
const NAMES: Readonly<Record<FindingKind, string>> = {
  exact_duplicate: 'exact duplicates',
  near_duplicate: 'near duplicates',
  leak_prompt: 'prompts in two splits',
  leak_near_prompt: 'nearly equal prompts in two splits',
  leak_problem: 'Countdown problems in two splits',
  benchmark_overlap: 'overlap with a benchmark',
  common_prompt: 'over-represented prompts',
  loop: 'loops',
  no_answer: 'no answer',
  truncated: 'truncated',
  empty: 'empty',
}

export function checkCommand(program: Command): void {
  program
    .command('check')
    .summary('look through a training set: duplicates, leakage, overlap, loops, empty answers')
    .argument('<dir>', 'folder or file of training rows')
    .option('--benchmark <file...>', 'files whose texts must not be in the set')
    .option(
      '--near <share>',
      'least similarity of near duplicates, 0.3 to 1',
      parseShare,
      SAFETY_DEFAULTS.near,
    )
    .option('--ngram <n>', 'words that count as overlap with a benchmark', parseNumber, SAFETY_DEFAULTS.ngram)
    .option('--show <n>', 'findings listed of each kind', '3')
    .option('--strict', 'exit with 3 when there is any finding')
    .option('--json', 'print the whole report as JSON')
    .addHelpText('after', HELP)
    .action(check)
}

async function check(path: string, { benchmark, near, ngram, show, strict, json }: Flags): Promise<void> {
  const report = await checkDataset(path, { near, ngram, ...(benchmark && { benchmarks: benchmark }) })
  if (json) print(JSON.stringify(report))
  else tell(report, Number(show) || 0)
  if (strict && (report.findings.length > 0 || (report.changed ?? []).length > 0))
    process.exitCode = EXIT.rejected
}

function tell({ files, rows, findings, changed, labels }: CheckReport, shown: number): void {
  print(
    table(
      ['file', 'split', 'rows', 'not read'],
      files.map((file) => [file.path, file.split, file.rows, file.unreadable]),
    ),
  )
  const kinds = Map.groupBy(findings, ({ kind }) => kind)
  print()
  print(
    table(
      ['looked for', 'found'],
      FINDINGS.map((kind) => [NAMES[kind], kinds.get(kind)?.length ?? 0]),
    ),
  )
  for (const [kind, found] of kinds) {
    print()
    print(paint('bold', NAMES[kind]))
    for (const { file, row, message } of found.slice(0, shown)) print(`  ${file}:${row} ${message}`)
    if (found.length > shown) print(`  and ${count(found.length - shown)} more; --json lists all`)
  }
  print()
  if (labels !== null) {
    const parts = Object.entries(labels).flatMap(([source, value]) =>
      value > 0 ? [`${source} ${count(value)}`] : [],
    )
    print(`Labels rest on: ${parts.join(', ') || 'no rows'}`)
  }
  for (const line of changed ?? []) note(`${paint('yellow', 'changed', process.stderr)} ${line}`)
  note(
    `${count(rows)} rows, ${count(findings.length)} findings${changed !== null && changed.length === 0 ? '; files as the manifest has them' : ''}`,
  )
}

function parseShare(text: string): number {
  const value = parseNumber(text)
  if (value < 0.3 || value > 1) throw new InvalidArgumentError('Expected a share from 0.3 to 1.')
  return value
}
