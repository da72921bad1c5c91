import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { eachMarked } from '../evaluation/align.ts'
import { byAge, type Dated } from '../last-word.ts'

interface Label extends Dated {
  readonly start: number
  readonly end: number
  readonly behaviour: Behaviour
  readonly verdict: 'present' | 'absent'
}

/**
 * What steps show once people have had their say: a label shows on every step it marks, a rejection takes the
 * prediction away, and where people disagree the newest label counts. `shown` stays as it is.
 * @param bounds steps `[start, end, …]`, UTF-16, ascending; labels have the same offsets
 */
export function withLabels(shown: Uint8Array, bounds: Uint32Array, labels: readonly Label[]) {
  const judged = Uint8Array.from(shown)
  for (const label of labels.toSorted(byAge)) {
    const column = BEHAVIOURS.indexOf(label.behaviour)
    eachMarked(bounds, label, (step) => {
      judged[step * BEHAVIOURS.length + column] = Number(label.verdict === 'present')
    })
  }
  return judged
}
