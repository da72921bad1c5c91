import { Option, type Command } from 'commander'
import type { Device, Place, Precision } from '#shared/contract/classify.ts'
import { parseNumber } from './option-values.ts'

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
