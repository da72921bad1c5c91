import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { judged, UNKNOWN_LABEL } from './evaluate.ts'
import { reliability, type ReliabilityBin } from './scores.ts'

/** Steps × behaviours, row-major, of all traces one after another. */
interface Judged {
  /** 1 where the annotator sees the behaviour, `UNKNOWN_LABEL` where nobody has said. */
  labels: Uint8Array
  probabilities: Float32Array
}

/** Thresholds of a curve: 0, 0.01, …, 1. */
const CURVE = 101

export interface Curve {
  precision: (number | null)[]
  recall: (number | null)[]
}

/** Precision and recall of one behaviour at every hundredth; null where nothing is predicted or labelled. */
export function curveOf(labels: Uint8Array, probabilities: Float32Array): Curve {
  const hits = new Uint32Array(CURVE)
  const predicted = new Uint32Array(CURVE)
  let support = 0
  for (let step = 0; step < labels.length; step++) {
    const at = Math.max(0, Math.min(CURVE - 1, Math.floor(probabilities[step]! * (CURVE - 1) + 1e-6)))
    predicted[at]!++
    if (labels[step] === 1) {
      support++
      hits[at]!++
    }
  }
  for (let at = CURVE - 2; at >= 0; at--) {
    hits[at]! += hits[at + 1]!
    predicted[at]! += predicted[at + 1]!
  }
  return {
    precision: Array.from(hits, (hit, at) => (predicted[at] === 0 ? null : hit / predicted[at]!)),
    recall: Array.from(hits, (hit) => (support === 0 ? null : hit / support)),
  }
}

/** Reliability diagram and curve of each behaviour. */
export function diagnose({ labels, probabilities }: Judged): {
  reliability: Record<Behaviour, ReliabilityBin[]>
  curves: Record<Behaviour, Curve>
} {
  const columns = BEHAVIOURS.map((behaviour, column) => {
    const own = (_: number, at: number) => at % BEHAVIOURS.length === column
    const known = judged(labels.filter(own), probabilities.filter(own))
    return [behaviour, known.labels, known.probabilities] as const
  })
  const each = <T>(make: (labels: Uint8Array, probabilities: Float32Array) => T) =>
    Object.fromEntries(columns.map(([behaviour, seen, said]) => [behaviour, make(seen, said)])) as Record<
      Behaviour,
      T
    >
  return { reliability: each(reliability), curves: each(curveOf) }
}

/** A step on which model and labels disagree. */
export interface Disagreement {
  behaviour: Behaviour
  kind: 'missed' | 'extra'
  step: number
  probability: number
}

/** Steps of one trace where the model, at its thresholds, says other than the labels. */
export function* disagreements(
  { labels, probabilities }: Judged,
  thresholds: readonly number[],
): Generator<Disagreement> {
  for (let at = 0; at < labels.length; at++) {
    const column = at % BEHAVIOURS.length
    const predicted = probabilities[at]! >= thresholds[column]!
    if (labels[at] === UNKNOWN_LABEL || predicted === (labels[at] === 1)) continue
    yield {
      behaviour: BEHAVIOURS[column]!,
      kind: predicted ? 'extra' : 'missed',
      step: Math.floor(at / BEHAVIOURS.length),
      probability: probabilities[at]!,
    }
  }
}

/** How sure the model is of what is wrong: the gravest errors have the highest. */
export const gravity = ({ kind, probability }: Pick<Disagreement, 'kind' | 'probability'>): number =>
  kind === 'extra' ? probability : 1 - probability
