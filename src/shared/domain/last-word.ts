import { marks } from './evaluation/align.ts'
import { timeOf } from './last-said.ts'
import type { Span } from './trace.ts'

/** What of a label tells when it was said: its time, and of labels of one time the number. */
export interface Dated {
  readonly at?: string | null
  readonly id?: number
}

/** Orders labels by when they were said, those first of which that is not known; then by number. */
export const byAge = (one: Dated, other: Dated): number =>
  timeOf(one.at) - timeOf(other.at) || (one.id ?? 0) - (other.id ?? 0)

/**
 * The label that counts where several, of one person or of several, mark a step: the newest; null where none marks it.
 * So whoever settles a difference has the last word by speaking after the others.
 * @param step its bounds, UTF-16
 */
export function lastWord<T extends Dated & Span & { readonly behaviour: string }>(
  labels: readonly T[],
  step: Span,
  behaviour: string,
): T | null {
  const own = labels.filter((label) => label.behaviour === behaviour && marks(label, step))
  return own.toSorted(byAge).at(-1) ?? null
}
