import { statSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { FilePreview } from '#shared/contract/imports.ts'
import { CairnError } from '#shared/errors.ts'
import { EXIT } from '../exit-codes.ts'
import {
  addImportOptions,
  importReport,
  failureExit,
  isUnclean,
  noteImport,
  toImportInput,
  type ImportFlags,
} from '../import-options.ts'
import { follow, withTemporaryWorkspace, withWorkspace, type Session } from '../session.ts'
import { note, paint, print, table } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface Flags extends ImportFlags {
  workspace: string
  preview?: boolean
  saveMapping?: string
  json?: boolean
}

const HELP = `
Containers, found by content: JSONL, JSON (arrays, dict of lists, one big document), CSV/TSV, Parquet, Inspect
.eval, plain text; each may be gzip- or zstd-compressed, in a zip, in a folder, or on standard input ("-").
Shapes, found by their fields: chat messages, prompt/completion, query/completion, ShareGPT, Alpaca, OpenAI
batch output, verl rollouts, TRL completions, Qwen2.5-Math harness, reasoning-gym, lm-evaluation-harness,
Inspect, Countdown samples, stream of search, tree of thought, thought anchors, completions_step<N>.json.

Run and checkpoint come from --run/--checkpoint, else from the records, else from file and folder names
(base_8b/eval_samples.jsonl is run base_8b; step_250/… is checkpoint 250).
A record that cannot be read costs only itself: see "cairn rejects". The same file again adds nothing.

Examples:
  cairn import runs/ -w study
  cairn import rollouts.parquet --run grpo --checkpoint 400
  cairn import odd.jsonl --preview --save-mapping mapping.json   # edit it, then:
  cairn import odd.jsonl --mapping mapping.json`

export function importCommand(program: Command): void {
  const command = program
    .command('import')
    .summary('add rollout files to a workspace (made when missing)')
    .argument('<files...>', 'rollout files, folders or archives; "-" for standard input')
    .option('--preview', 'show what each file would become, and change nothing')
    .option(
      '--save-mapping <file>',
      'with --preview: write the mapping found for the first file to a new file, to edit and pass to --mapping',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
  addWorkspaceOption(command)
  addImportOptions(command)
  command.action(async (files: string[], flags: Flags) => {
    if (flags.saveMapping !== undefined && !flags.preview)
      command.error('error: --save-mapping goes with --preview; nothing was imported')
    if (flags.preview) await withTemporaryWorkspace((session) => preview(session, files, flags))
    else await withWorkspace(flags.workspace, { create: true }, (session) => run(session, files, flags))
  })
}

async function run({ client }: Session, files: string[], flags: Flags): Promise<void> {
  const job = await follow(
    client,
    await client.call('imports.start', toImportInput(files, flags)),
    'Importing',
  )
  const report = importReport(job)
  if (flags.json) print(JSON.stringify(report, null, 2))
  else {
    if (report.files.length > 0)
      print(
        table(
          ['file', 'shape', 'read', 'imported', 'duplicates', 'rejected'],
          report.files.map(({ file, shape, read, imported, duplicates, rejected }) => [
            file,
            shape,
            read,
            imported,
            duplicates,
            rejected,
          ]),
        ),
      )
    noteImport(report, `; "cairn rejects -w ${flags.workspace}" lists them with their reasons`)
  }
  if (report.failures.length > 0 && report.read === 0) process.exitCode = failureExit(report)
  else if (flags.strict && isUnclean(report)) process.exitCode = EXIT.rejected
}

async function preview({ client }: Session, files: string[], flags: Flags): Promise<void> {
  const { files: previews, skipped } = await client.call('imports.preview', toImportInput(files, flags))
  if (flags.saveMapping !== undefined) saveMapping(flags.saveMapping, previews)
  if (flags.json) {
    print(JSON.stringify({ files: previews, skipped }, null, 2))
    return
  }
  for (const file of previews) {
    print(paint('bold', file.file))
    if (file.problem !== null) print(`  ${paint('yellow', file.problem)}`)
    if (file.shape === null) continue
    print(
      `  ${file.container}, read as ${file.shapeTitle} (${file.shape}), run ${file.run ?? '–'}, checkpoint ${file.checkpoint ?? '–'}`,
    )
    for (const [field, path] of Object.entries(file.mapping?.fields ?? {}))
      print(`    ${field.padEnd(10)} ← ${path}`)
    const first = file.traces[0]
    if (first !== undefined) {
      print(`  prompt    ${oneLine(first.prompt)}`)
      print(`  response  ${oneLine(first.response)}`)
    }
  }
  for (const { name, reason } of skipped) note(`skipped ${name}: ${reason}`)
}

/** @throws CairnError `mapping_invalid` when there is none, `bad_request` when the file cannot be made or is there */
function saveMapping(path: string, previews: readonly FilePreview[]): void {
  const mapping = previews.find((file) => file.mapping !== null)?.mapping
  if (mapping === undefined || mapping === null)
    throw new CairnError(
      'mapping_invalid',
      'None of the files is read by a mapping of fields, so there is none to save.',
    )
  try {
    // A file that is there may be a mapping that somebody has edited; a pipe or a terminal is there to be written to.
    const flag = statSync(path, { throwIfNoEntry: false })?.isFile() === false ? 'w' : 'wx'
    writeFileSync(path, `${JSON.stringify(mapping, null, 2)}\n`, { flag })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new CairnError(
      'bad_request',
      code === 'EEXIST'
        ? `${path} is there already and was left as it is. Name another file, or remove it first.`
        : `The mapping cannot be written to ${path}: ${message}`,
      { path },
    )
  }
  note(`mapping of ${previews.find((file) => file.mapping === mapping)!.file} written to ${path}`)
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length > 90 ? `${flat.slice(0, 90)}…` : flat
}
