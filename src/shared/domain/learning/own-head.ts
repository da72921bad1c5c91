import { sigmoid } from '../adapt/adaptation.ts'
import { curveOf } from '../evaluation/diagnose.ts'
import { confuse, f1Of } from '../evaluation/scores.ts'
import { joined } from '../joined.ts'
import { folds, leavingOut, logLoss } from './cross-validation.ts'
import { fitLinear, linearLogits, type LinearWeights } from './linear.ts'

/** A trace to learn a behaviour from: features of its steps, row-major, and 0 or 1 for each. */
export interface OwnTrace {
  features: Float32Array
  labels: Uint8Array
}

export interface LearnedOwn {
  weights: LinearWeights
  threshold: number
  steps: number
  examples: number
  /** Of traces left out while learning. */
  precision: number | null
  recall: number | null
  f1: number | null
  /** F1 of saying it of every step. */
  chance: number
}

/** F1 below which a head is called weak. */
const WEAK = 0.5
/** Share of what chance leaves to be gained, below which a head has hardly gained anything. */
const HARDLY = 0.3

/** How strongly weights are drawn to nothing. */
const PULLS = [100, 10, 1]

/**
 * Trains a logistic head for one behaviour. How strongly it is held back, and its threshold, are those that tell
 * left-out traces best, by cross-validation over traces; the figures told are of the same left-out traces.
 */
export function fitOwn(width: number, traces: readonly OwnTrace[]): LearnedOwn {
  const parts = folds(traces, examplesIn)
  const truth = oneOf(parts.flat()).labels
  const tried = PULLS.map((pull) => {
    const said = leavingOut(parts).flatMap(({ out, rest }) => {
      const weights = fitLinear({ width, ...oneOf(rest.flat()) }, pull)
      return [...linearLogits({ width, ...oneOf(out) }, weights)].map(sigmoid)
    })
    return { pull, said: Float32Array.from(said), loss: logLoss(truth, said) }
  })
  const best = tried.reduce((one, other) => (other.loss < one.loss ? other : one))
  const threshold = bestThreshold(truth, best.said)
  const confusion = confuse(truth, best.said, threshold)
  const { hits, extra, missed } = confusion
  const examples = hits + missed
  return {
    weights: fitLinear({ width, ...oneOf(traces) }, best.pull),
    threshold,
    steps: truth.length,
    examples,
    precision: hits + extra === 0 ? null : hits / (hits + extra),
    recall: examples === 0 ? null : hits / examples,
    f1: f1Of(confusion),
    chance: (2 * examples) / (examples + truth.length),
  }
}

/** In words, why a head is not to be relied on; empty where it is. */
export function warningOf({ f1, chance }: Pick<LearnedOwn, 'f1' | 'chance'>): string {
  const found = f1 ?? 0
  const share = found.toFixed(2)
  // A rare behaviour is found well before it is found often enough.
  if (found < 2 * chance && found - chance < HARDLY * (1 - chance))
    return `F1 ${share} is hardly better than chance (${chance.toFixed(2)}): it has not learnt what you mean. Label more examples, and all that show it in a trace.`
  if (found < WEAK)
    return `F1 ${share} is too weak to count by. Label more examples, and all that show it in a trace.`
  return ''
}

const examplesIn = ({ labels }: OwnTrace) => labels.reduce((sum, label) => sum + label, 0)

const oneOf = (parts: readonly OwnTrace[]): OwnTrace => ({
  features: joined(
    Float32Array,
    parts.map(({ features }) => features),
  ),
  labels: joined(
    Uint8Array,
    parts.map(({ labels }) => labels),
  ),
})

/** The hundredth with the highest F1. */
function bestThreshold(labels: Uint8Array, said: Float32Array): number {
  const { precision, recall } = curveOf(labels, said)
  let [best, most] = [0.5, 0]
  for (let at = 3; at <= 97; at++) {
    const [p, r] = [precision[at] ?? 0, recall[at] ?? 0]
    const f1 = p + r === 0 ? 0 : (2 * p * r) / (p + r)
    if (f1 > most) [best, most] = [at / 100, f1]
  }
  return best
}
