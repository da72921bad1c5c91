import { Option, type Command } from 'commander'
import type { Device, Place, Precision } from '#shared/contract/classify.ts'
import { addFilterOptions, parseNumber, toFilter, type FilterFlags } from '../filter-options.ts'
import { follow, withWorkspace } from '../session.ts'
import { count, note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

/** Adds the options that say which model runs where. */
export function addClassifyOptions(command: Command): Command {
  return command
    .option('--model <id>', 'the model to use (see "cairn models list")')
    .addOption(
      new Option(
        '--device <device>',
        'where the model runs; auto tries CUDA first and says why not (default: the setting)',
      ).choices(['auto', 'cuda', 'cpu']),
    )
}

/** The same, and how it runs there. */
export function addPlaceOptions(command: Command): Command {
  return addClassifyOptions(command)
    .addOption(
      new Option(
        '--precision <bits>',
        'of models that have both: 8-bit weights suit a CPU, 16-bit a graphics card (default: the setting)',
      ).choices(['auto', 'int8', 'fp16']),
    )
    .option('--threads <n>', 'cores to use (default: the setting, else all)', parseNumber)
    .option(
      '--batch <tokens>',
      'tokens given to the model at once (default: the setting, else what suits the device)',
      parseNumber,
    )
}

/** What of the options says where a model runs. */
export interface PlaceFlags {
  device?: Device
  precision?: Precision
  threads?: number
  batch?: number
}

/** The same as the contract takes it: what was not said is left out. */
export const placeFrom = ({ device, precision, threads, batch }: PlaceFlags): Place => ({
  ...(device !== undefined && { device }),
  ...(precision !== undefined && { precision }),
  ...(threads !== undefined && { threads }),
  ...(batch !== undefined && { batch }),
})

interface ClassifyFlags extends FilterFlags, PlaceFlags {
  workspace: string
  model?: string
  force?: boolean
  beside?: boolean
  json?: boolean
}

export function classifyCommand(program: Command): void {
  const command = program
    .command('classify')
    .summary('predict the behaviours of every step')
    .option('--force', 'classify again what has a current prediction')
    .option('--beside', 'keep the predictions beside those of another model, for comparing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Only traces without a prediction of this model version are classified; Ctrl+C keeps what is done, and the
same command goes on from there. What a model said before another was used is kept: naming it again shows it
without computing. Without --model it is the model that the workspace has been using, in a new one cairn-accurate;
cairn-fast is for whole corpora on a CPU.

Examples:
  cairn classify
  cairn classify --run dpo --device cpu
  cairn classify --model cairn-fast`,
    )
  addWorkspaceOption(command)
  addPlaceOptions(command)
  addFilterOptions(command)
  command.action(async (flags: ClassifyFlags) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const job = await follow(
        client,
        await client.call('classify.start', {
          filter: await toFilter(flags, client),
          ...placeFrom(flags),
          force: flags.force ?? false,
          beside: flags.beside ?? false,
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
