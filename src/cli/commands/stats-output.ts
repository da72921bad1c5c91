import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import type { RunStats } from '#shared/contract/stats.ts'
import { csv, decimal, percent, table } from '../terminal.ts'

/** The table of behaviours per run and checkpoint, for reading. */
export function statsTable(runs: readonly RunStats[], unit: string): string {
  const headers = [
    'run',
    'checkpoint',
    'traces',
    'accuracy',
    'length',
    ...BEHAVIOURS.map((behaviour) => BEHAVIOUR_STYLE[behaviour].name),
  ]
  const rows = runs.map(({ run, checkpoint, traces, accuracy, length, behaviours }) => [
    run,
    checkpoint,
    traces,
    percent(accuracy) ?? '–',
    length === null ? null : Math.round(length),
    ...BEHAVIOURS.map((behaviour) => {
      const { mean, share } = behaviours[behaviour]
      return mean === null ? '–' : `${decimal(mean)!.padStart(5)}  ${percent(share)!.padStart(6)}`
    }),
  ])
  const legend = `length: mean characters · behaviours: mean ${unit} per trace, share of traces with at least one`
  return `${table(headers, rows)}\n\n${legend}`
}

/** The same as CSV, one column per figure. */
export function statsCsv(runs: readonly RunStats[]): string {
  return csv(
    [
      'run',
      'checkpoint',
      'traces',
      'accuracy',
      'length',
      ...BEHAVIOURS.flatMap((b) => [`${b}_mean`, `${b}_share`]),
    ],
    runs.map(({ run, checkpoint, traces, accuracy, length, behaviours }) => [
      run,
      checkpoint,
      traces,
      accuracy,
      length,
      ...BEHAVIOURS.flatMap((b) => [behaviours[b].mean, behaviours[b].share]),
    ]),
  )
}
