import { Option, type Command } from 'commander'
import type { Device } from '#shared/contract/classify.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { follow, withWorkspace } from '../session.ts'
import { count, note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

/** Adds the options that say which model runs where. */
export function addClassifyOptions(command: Command): Command {
  return command
    .option('--model <id>', 'the model to classify with (see "cairn doctor")')
    .addOption(
      new Option(
        '--device <device>',
        'where the model runs; auto tries CUDA first and says why not (default: the setting)',
      ).choices(['auto', 'cuda', 'cpu']),
    )
}

interface ClassifyFlags extends FilterFlags {
  workspace: string
  model?: string
  device?: Device
  force?: boolean
  json?: boolean
}

export function classifyCommand(program: Command): void {
  const command = program
    .command('classify')
    .summary('predict the behaviours of every step')
    .option('--force', 'classify again what has a current prediction')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Only traces without a prediction of this model version are classified; Ctrl+C keeps what is done, and the
same command goes on from there.

Examples:
  cairn classify
  cairn classify --run dpo --device cpu`,
    )
  addWorkspaceOption(command)
  addClassifyOptions(command)
  addFilterOptions(command)
  command.action(async (flags: ClassifyFlags) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const job = await follow(
        client,
        await client.call('classify.start', {
          filter: toFilter(flags),
          ...(flags.device !== undefined && { device: flags.device }),
          force: flags.force ?? false,
          ...(flags.model !== undefined && { model: flags.model }),
        }),
        'Classifying',
      )
      const result = job.result as {
        traces: number
        steps: number
        model: string
        version: string
        provider: string
        reason: string
      }
      if (flags.json) print(JSON.stringify(result))
      else {
        note(`${result.model} ${result.version} on ${result.provider} (${result.reason})`)
        note(`${count(result.traces)} traces, ${count(result.steps)} steps classified`)
      }
    })
  })
}
