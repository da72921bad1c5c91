import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { byAge, type Dated } from '../last-word.ts'
import { firstEndingAfter } from '../sorted.ts'

interface Label extends Dated {
  readonly start: number
  readonly end: number
  readonly behaviour: Behaviour
  readonly verdict: 'present' | 'absent'
}

/**
 * What steps show once people have had their say: a label shows on every step it touches, a rejection takes the
 * prediction away, and where people disagree the newest label counts. `shown` stays as it is.
 * @param bounds steps `[start, end, …]`, UTF-16, ascending; labels have the same offsets
 */
export function withLabels(shown: Uint8Array, bounds: Uint32Array, labels: readonly Label[]) {
  const judged = Uint8Array.from(shown)
  for (const { start, end, behaviour, verdict } of labels.toSorted(byAge)) {
    const column = BEHAVIOURS.indexOf(behaviour)
    for (let step = firstEndingAfter(bounds, start); (bounds[step * 2] ?? Infinity) < end; step++)
      judged[step * BEHAVIOURS.length + column] = Number(verdict === 'present')
  }
  return judged
}
