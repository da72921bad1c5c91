import type { LearnedBehaviour } from '../adapt/fit.ts'
import { BEHAVIOURS } from '../behaviours.ts'
import { UNKNOWN_LABEL } from '../evaluation/evaluate.ts'
import { confuse, f1Of } from '../evaluation/scores.ts'
import { joined } from '../joined.ts'
import { leavingOut, logLoss, tellsBetter } from './cross-validation.ts'
import { mixed, ownHead, reweight, type HeadExamples, type HeadWeights } from './reweight.ts'

/** Judged steps of a trace, or of a part of it; traces of one group are never on both sides of a split. */
export interface HeadTrace extends HeadExamples {
  group: string
}

export interface LearnedHeads extends HeadWeights {
  behaviours: LearnedBehaviour[]
}

const WIDTH = BEHAVIOURS.length
const FOLDS = 10

/**
 * Reweights heads by a person's labels, and measures by cross-validation over groups whether that tells left-out steps
 * better. A behaviour that is not told better is left to the model's own output.
 * @param thresholds of the model, one per behaviour
 */
export function fitHeads(
  heads: number,
  traces: readonly HeadTrace[],
  thresholds: readonly number[],
): LearnedHeads {
  const all = joinExamples(heads, traces)
  const learned = reweight(all)
  const own = ownHead(heads)
  const before = mixed(all.logits, own)
  const left = leftOut(heads, traces)
  const behaviours = BEHAVIOURS.map((_, column): LearnedBehaviour => {
    const threshold = thresholds[column]!
    const judged = (labels: Uint8Array) =>
      [...labels.keys()].filter((at) => at % WIDTH === column && labels[at] !== UNKNOWN_LABEL)
    const told = (labels: Uint8Array, said: Float32Array) => {
      const at = judged(labels)
      const truth = Uint8Array.from(at, (index) => labels[index]!)
      const found = Float32Array.from(at, (index) => said[index]!)
      return { f1: f1Of(confuse(truth, found, threshold)), loss: logLoss(truth, found), truth }
    }
    const [was, is] = [told(all.labels, before), told(left.labels, left.said)]
    // The losses of both are of the same steps, in another order.
    const kept = is.truth.length > 1 && tellsBetter(is, was)
    return {
      steps: was.truth.length,
      shown: was.truth.reduce((sum, label) => sum + label, 0),
      before: was.f1,
      after: kept ? is.f1 : was.f1,
      lossBefore: was.loss,
      lossAfter: kept ? is.loss : was.loss,
      kept,
      threshold,
    }
  })
  const pick = (values: readonly number[], otherwise: readonly number[]) =>
    values.map((value, at) => (behaviours[at % WIDTH]!.kept ? value : otherwise[at]!))
  return {
    heads,
    weights: pick(learned.weights, own.weights),
    shifts: pick(learned.shifts, own.shifts),
    behaviours,
  }
}

/** What is said of every judged step by heads that were weighted without its group. */
function leftOut(heads: number, traces: readonly HeadTrace[]) {
  const groups = [...Map.groupBy(traces, ({ group }) => group).values()]
  const parts =
    groups.length < 2 ? [] : Array.from({ length: Math.min(FOLDS, groups.length) }, () => [] as HeadTrace[])
  groups.forEach((own, index) => parts[index % Math.max(1, parts.length)]?.push(...own))
  const said: Float32Array[] = []
  const labels: Uint8Array[] = []
  for (const { out, rest } of leavingOut(parts)) {
    const own = joinExamples(heads, out)
    said.push(mixed(own.logits, reweight(joinExamples(heads, rest.flat()))))
    labels.push(own.labels)
  }
  return { said: joined(Float32Array, said), labels: joined(Uint8Array, labels) }
}

/** Examples of several traces as one. */
export const joinExamples = (heads: number, parts: readonly HeadExamples[]): HeadExamples => ({
  heads,
  logits: joined(
    Float32Array,
    parts.map(({ logits }) => logits),
  ),
  labels: joined(
    Uint8Array,
    parts.map(({ labels }) => labels),
  ),
})
