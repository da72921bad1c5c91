import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { firstEndingAfter } from '../sorted.ts'

interface Label {
  readonly start: number
  readonly end: number
  readonly behaviour: Behaviour
  readonly verdict: 'present' | 'absent'
}

/**
 * What steps show once people have had their say: a label shows on every step it touches, a rejection takes the
 * prediction away, and where people disagree the one who sees the behaviour is believed. `shown` stays as it is.
 * @param bounds steps `[start, end, …]`, UTF-16, ascending; labels have the same offsets
 */
export function withLabels(shown: Uint8Array, bounds: Uint32Array, labels: readonly Label[]) {
  const judged = Uint8Array.from(shown)
  const say = ({ start, end, behaviour }: Label, value: 0 | 1) => {
    const column = BEHAVIOURS.indexOf(behaviour)
    for (let step = firstEndingAfter(bounds, start); (bounds[step * 2] ?? Infinity) < end; step++)
      judged[step * BEHAVIOURS.length + column] = value
  }
  for (const label of labels) if (label.verdict === 'absent') say(label, 0)
  for (const label of labels) if (label.verdict === 'present') say(label, 1)
  return judged
}
