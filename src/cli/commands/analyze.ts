import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Option, type Command } from 'commander'
import type { CountUnit } from '#shared/contract/common.ts'
import type { Device } from '#shared/contract/classify.ts'
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
  await withTemporaryWorkspace(async ({ client }) => {
    const report = await importRollouts(client, files, flags)
    const classified = await classifyRollouts(client, flags)
    const { model, version, provider } = classified.result as Record<string, string>
    note(`classified with ${model!} ${version!} on ${provider!}`)
    const runs = await client.call('stats.runs', { unit: flags.unit })
    if (flags.out !== undefined) {
      mkdirSync(flags.out, { recursive: true })
      const path = join(flags.out, 'traces.jsonl')
      await follow(
        client,
        await client.call('exports.start', { format: 'traces', path, overwrite: true }),
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
