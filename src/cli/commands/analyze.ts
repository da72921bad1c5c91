import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Option, type Command } from 'commander'
import { manifestPath } from '#engine/exporters/manifest.ts'
import type { CountUnit } from '#shared/contract/common.ts'
import type { Device } from '#shared/contract/classify.ts'
import { CairnError } from '#shared/errors.ts'
import { addImportOptions, type ImportFlags } from '../import-options.ts'
import { addClassifyOptions } from '../model-options.ts'
import { classifyRollouts, exitOnRejects, importRollouts } from '../rollouts.ts'
import { follow, withTemporaryWorkspace } from '../session.ts'
import { note, print } from '../terminal.ts'
import { statsCsv, statsTable } from './stats-output.ts'

interface AnalyzeFlags extends ImportFlags {
  json?: boolean
  csv?: boolean
  out?: string
  force?: boolean
  unit: CountUnit
  device?: Device
  model?: string
}

const HELP = `
Reads rollouts, classifies every step, and prints per run and checkpoint: traces, accuracy where the file
tells it, mean response length, and for each behaviour the mean count per trace and the share of traces
that show it. Nothing is kept; use "cairn import" to build a workspace.

FILES are files, folders or archives in any of the formats of "cairn import --help"; "-" is standard input.

JSON: {"import": {"read", "imported", "duplicates", "rejected"}, "runs": [{"run", "checkpoint", "traces",
"accuracy", "length", "behaviours": {"verification": {"mean", "share"}, "backtracking": …,
"subgoal_setting": …, "backward_chaining": …}}]}; null where unknown.

Examples:
  cairn analyze rollouts.jsonl
  cairn analyze runs/*/eval_samples.jsonl --csv > behaviours.csv
  cairn analyze completions_step*.json --json | jq '.runs[] | [.checkpoint, .behaviours.backtracking.mean]'
  zcat rollouts.jsonl.gz | cairn analyze - --run my-run --out annotated/`

export function analyzeCommand(program: Command): void {
  const command = program
    .command('analyze')
    .summary('behaviours per run and checkpoint of rollout files, in one go')
    .argument('<files...>', 'rollout files, folders or archives; "-" for standard input')
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .option('--out <dir>', 'also write the annotated traces to <dir>/traces.jsonl, with a manifest')
    .option('--force', 'replace these two files when they exist')
    .addOption(
      new Option('--unit <unit>', 'count behaviours by steps, or by runs of neighbouring steps')
        .choices(['steps', 'episodes'])
        .default('steps'),
    )
    .addHelpText('after', HELP)
  addImportOptions(command)
  addClassifyOptions(command)
  command.action(analyze)
}

async function analyze(files: string[], flags: AnalyzeFlags): Promise<void> {
  const path = flags.out === undefined ? null : outputIn(flags.out, flags)
  await withTemporaryWorkspace(async ({ client }) => {
    const report = await importRollouts(client, files, flags)
    const { model, version, provider } = await classifyRollouts(client, flags)
    note(`classified with ${model} ${version} on ${provider}`)
    const runs = await client.call('stats.runs', { unit: flags.unit })
    if (path !== null) {
      const overwrite = flags.force ?? false
      await follow(
        client,
        await client.call('exports.start', { format: 'traces', path, overwrite }),
        'Writing',
      )
      note(`wrote ${path}`)
    }
    const { read, imported: added, duplicates, rejected } = report
    if (flags.json)
      print(
        JSON.stringify(
          // A workspace that is gone in a moment has no behaviours of one's own.
          {
            import: { read, imported: added, duplicates, rejected },
            runs: runs.map(({ own: _, ...row }) => row),
          },
          null,
          2,
        ),
      )
    else print(flags.csv ? statsCsv(runs) : statsTable(runs, flags.unit))
    exitOnRejects(report, flags)
  })
}

/**
 * The file to write in a folder, which is made; looked at before the work that would be in vain.
 * @throws CairnError `output_exists` when it, or its manifest, is there and may not be replaced
 */
function outputIn(folder: string, { force = false }: AnalyzeFlags): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'traces.jsonl')
  const there = [path, manifestPath(path)].find((file) => existsSync(file))
  if (there !== undefined && !force)
    throw new CairnError(
      'output_exists',
      `${there} exists already, and nothing was read or written. Give another folder, or --force to replace it.`,
      { path: there },
    )
  return path
}
