import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import type { OwnBehaviour } from '#shared/contract/own.ts'
import type { BehaviourStats, RunStats } from '#shared/contract/stats.ts'
import { csv, decimal, percent, table } from '../terminal.ts'

/** The workspace's own behaviours that are shown. */
type Own = readonly Pick<OwnBehaviour, 'id' | 'name'>[]

/** The table of behaviours per run and checkpoint, for reading. */
export function statsTable(runs: readonly RunStats[], unit: string, ofPeople: Own = []): string {
  const headers = [
    'run',
    'checkpoint',
    'traces',
    'accuracy',
    'length',
    ...BEHAVIOURS.map((behaviour) => BEHAVIOUR_STYLE[behaviour].name),
    ...ofPeople.map(({ name }) => name),
  ]
  const rows = runs.map(({ run, checkpoint, traces, accuracy, length, behaviours, own }) => [
    run,
    checkpoint,
    traces,
    percent(accuracy) ?? '–',
    length === null ? null : Math.round(length),
    ...BEHAVIOURS.map((behaviour) => figures(behaviours[behaviour])),
    ...ofPeople.map(({ id }) => figures(own[id])),
  ])
  const legend = `length: mean characters · behaviours: mean ${unit} per trace, share of traces with at least one`
  return `${table(headers, rows)}\n\n${legend}`
}

const figures = ({ mean, share }: BehaviourStats = { mean: null, share: null }) =>
  mean === null ? '–' : `${decimal(mean)!.padStart(5)}  ${percent(share)!.padStart(6)}`

/** The same as CSV, one column per figure. */
export function statsCsv(runs: readonly RunStats[], ofPeople: Own = []): string {
  return csv(
    [
      'run',
      'checkpoint',
      'traces',
      'accuracy',
      'length',
      ...BEHAVIOURS.flatMap((b) => [`${b}_mean`, `${b}_share`]),
      ...ofPeople.flatMap(({ name }) => [`${name} mean`, `${name} share`]),
    ],
    runs.map(({ run, checkpoint, traces, accuracy, length, behaviours, own }) => [
      run,
      checkpoint,
      traces,
      accuracy,
      length,
      ...BEHAVIOURS.flatMap((b) => [behaviours[b].mean, behaviours[b].share]),
      ...ofPeople.flatMap(({ id }) => [own[id]?.mean ?? null, own[id]?.share ?? null]),
    ]),
  )
}
