import { sigmoid } from '../adapt/adaptation.ts'
import { curveOf } from '../evaluation/diagnose.ts'
import { confuse, f1Of } from '../evaluation/scores.ts'
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

/** How strongly weights are drawn to nothing. */
const PULLS = [100, 10, 1]
const FOLDS = 5

/**
 * Trains a logistic head for one behaviour. How strongly it is held back, and its threshold, are those that tell
 * left-out traces best, by cross-validation over traces; the figures told are of the same left-out traces.
 */
export function fitOwn(width: number, traces: readonly OwnTrace[]): LearnedOwn {
  const parts = folds(traces)
  const truth = joined(width, parts.flat()).labels
  const tried = PULLS.map((pull) => {
    const said = parts.flatMap((part, left) => {
      const rest = joined(width, parts.filter((_, index) => index !== left).flat())
      const weights = fitLinear({ width, ...rest }, pull)
      return [...linearLogits({ width, ...joined(width, part) }, weights)].map(sigmoid)
    })
    return { pull, said: Float32Array.from(said), loss: lossOf(truth, said) }
  })
  const best = tried.reduce((one, other) => (other.loss < one.loss ? other : one))
  const threshold = bestThreshold(truth, best.said)
  const confusion = confuse(truth, best.said, threshold)
  const { hits, extra, missed } = confusion
  const examples = hits + missed
  return {
    weights: fitLinear({ width, ...joined(width, traces) }, best.pull),
    threshold,
    steps: truth.length,
    examples,
    precision: hits + extra === 0 ? null : hits / (hits + extra),
    recall: examples === 0 ? null : hits / examples,
    f1: f1Of(confusion),
    chance: (2 * examples) / (examples + truth.length),
  }
}

/** Traces in parts that have about as many examples each. */
function folds(traces: readonly OwnTrace[]): OwnTrace[][] {
  const count = ({ labels }: OwnTrace) => labels.reduce((sum, label) => sum + label, 0)
  const parts = Array.from({ length: Math.min(FOLDS, traces.length) }, () => ({
    examples: 0,
    own: [] as OwnTrace[],
  }))
  for (const trace of traces.toSorted((a, b) => count(b) - count(a))) {
    const least = parts.reduce((one, other) => (other.examples < one.examples ? other : one))
    least.own.push(trace)
    least.examples += count(trace)
  }
  return parts.map(({ own }) => own)
}

function joined(width: number, parts: readonly OwnTrace[]): OwnTrace {
  const steps = parts.reduce((sum, { labels }) => sum + labels.length, 0)
  const all = { features: new Float32Array(steps * width), labels: new Uint8Array(steps) }
  let at = 0
  for (const { features, labels } of parts) {
    all.features.set(features, at * width)
    all.labels.set(labels, at)
    at += labels.length
  }
  return all
}

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

function lossOf(labels: Uint8Array, said: readonly number[]): number {
  return labels.reduce((sum, label, at) => {
    const p = Math.min(1 - 1e-6, Math.max(1e-6, said[at]!))
    return sum - Math.log(label === 1 ? p : 1 - p)
  }, 0)
}
