import type { FilterInput } from '#shared/contract/filter.ts'
import type { ApiOutput } from '#shared/contract/index.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'

export type RunStats = ApiOutput<'stats.runs'>[number]

/** A run's rows under its name: one for each checkpoint. */
export interface RunGroup {
  readonly run: string
  readonly rows: readonly RunStats[]
}

/** Runs in the order they came, their checkpoints rising. */
export function groupRuns(stats: readonly RunStats[]): RunGroup[] {
  return [...Map.groupBy(stats, ({ run }) => run)].map(([run, rows]) => ({
    run,
    rows: rows.toSorted((a, b) => (a.checkpoint ?? -Infinity) - (b.checkpoint ?? -Infinity)),
  }))
}

/** Selects the traces that a row counts; null for those without a training step in a run where others have one. */
export function filterOf({ run, checkpoint }: RunStats, { rows }: RunGroup): FilterInput | null {
  // No filter selects traces for having no training step.
  if (checkpoint === null) return rows.length > 1 ? null : { runs: [run] }
  return { runs: [run], checkpoint: { min: checkpoint, max: checkpoint } }
}

/** The same as `largestMeans`, of a behaviour of the workspace's own. */
export const largestOwn = (stats: readonly RunStats[], id: number): number =>
  Math.max(1, ...stats.map(({ own }) => own[id]?.mean ?? 0))

/** The largest mean of each behaviour: what a full bar stands for. At least 1, so that noise stays small. */
export function largestMeans(stats: readonly RunStats[]): Record<Behaviour, number> {
  return Object.fromEntries(
    BEHAVIOURS.map((behaviour) => [
      behaviour,
      Math.max(1, ...stats.map(({ behaviours }) => behaviours[behaviour].mean ?? 0)),
    ]),
  ) as Record<Behaviour, number>
}
