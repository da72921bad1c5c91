import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import type { ExportContainer, ExportFormat, OffsetUnit } from '#shared/contract/exports.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { follow, withWorkspace } from '../session.ts'
import { count, note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface Flags extends FilterFlags {
  workspace: string
  format: ExportFormat
  container?: ExportContainer
  offsets: OffsetUnit
  force?: boolean
  json?: boolean
}

export function exportCommand(program: Command): void {
  const command = program
    .command('export')
    .summary('write a selection of traces or annotations to a file')
    .argument('<file>', 'file to write; a .parquet ending means Parquet')
    .addOption(
      new Option('-f, --format <format>', 'what to write')
        .choices(['messages', 'prompt_completion', 'query_completion', 'traces', 'annotations'])
        .default('messages'),
    )
    .addOption(
      new Option('--container <container>', 'instead of what the ending says').choices(['jsonl', 'parquet']),
    )
    .addOption(
      new Option('--offsets <unit>', 'what offsets count: code points (Python), utf16 (JavaScript) or bytes')
        .choices(['code_points', 'utf16', 'utf8_bytes'])
        .default('code_points'),
    )
    .option('--force', 'replace the file when it exists')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Formats: messages (chat messages, for SFT), prompt_completion, query_completion, traces (every field, steps,
predictions and annotations), annotations (lossless; "cairn labels import" reads it back). The last two have
behaviours of your own as own_annotations and own_predictions; for load_dataset of Hugging Face write them as Parquet.
In Parquet the first three name checkpoint, key and correctness besides id and run; JSONL has no types for what is
missing.
Beside the file stands <file>.manifest.json: filter, counts, sources and their SHA-256, versions, offset unit.
The same selection exported twice gives the same bytes.

Examples:
  cairn export sft.jsonl --correct --min backtracking=1
  cairn export checks.jsonl --min "unit check=2"       a behaviour of your own
  cairn export sft.parquet -f query_completion --run grpo
  cairn export labels.jsonl -f annotations --labelled`,
    )
  addWorkspaceOption(command)
  addFilterOptions(command)
  command.action(async (path: string, flags: Flags) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const job = await follow(
        client,
        await client.call('exports.start', {
          filter: await toFilter(flags, client),
          format: flags.format,
          container: flags.container ?? (path.endsWith('.parquet') ? 'parquet' : 'jsonl'),
          // The job may be resumed from another folder.
          path: resolve(path),
          offsetUnit: flags.offsets,
          overwrite: flags.force ?? false,
        }),
        'Writing',
      )
      if (flags.json) print(JSON.stringify(job.result))
      else note(`${count((job.result as { rows: number }).rows)} rows written to ${path}`)
    })
  })
}
