import { seeded } from '#shared/domain/random.ts'
import type { FullTrace } from '../db/traces.ts'

/** So many failures in a row, and the server is given up. */
export const HOPELESS = 12

/** The problem of a trace as it is shown to a language model. */
export const problemOf = ({ row: { prompt }, messages }: FullTrace): string =>
  messages?.map(({ content }) => content).join('\n\n') ?? prompt

/** Some of the ids, by chance, in their own order; all of them when `most` is null. */
export function sampled(ids: readonly number[], most: number | null, seed: number): readonly number[] {
  if (most === null || ids.length <= most) return ids
  const random = seeded(seed)
  const chosen = ids.map((id) => [random(), id] as const).sort(([a], [b]) => a - b)
  return chosen
    .slice(0, most)
    .map(([, id]) => id)
    .sort((a, b) => a - b)
}
