import type { LearnedBehaviour } from '../adapt/fit.ts'
import { append } from '../append.ts'
import { BEHAVIOURS } from '../behaviours.ts'
import { isImplied, isOutright, isSilent, isUnjudged } from '../evaluation/judged.ts'
import { confuse, f1Of } from '../evaluation/scores.ts'
import { joined } from '../joined.ts'
import { enough, leavingOut, logLoss, tellsBetter } from './cross-validation.ts'
import { mixed, ownHead, reweight, type HeadExamples, type HeadWeights } from './reweight.ts'
import { outweighs } from './silence.ts'

/** Steps of a labelled trace, or of a part of it; traces of one group are never on both sides of a split. */
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
 * better. A behaviour that is not told better, or of which too little is said, is left to the model's own output; so is one
 * whose gain on judged steps does not outweigh what would change on those of which nobody has said anything.
 * @param thresholds of the model, one per behaviour
 */
export function fitHeads(
  heads: number,
  traces: readonly HeadTrace[],
  thresholds: readonly number[],
): LearnedHeads {
  const learned = reweight(joinExamples(heads, traces))
  const own = ownHead(heads)
  const left = leftOut(heads, traces)
  const behaviours = BEHAVIOURS.map((_, column): LearnedBehaviour => {
    const threshold = thresholds[column]!
    const { outright, judged, unjudged } = stepsOf(left.labels, column)
    const truth = (steps: readonly number[]) => Uint8Array.from(steps, (at) => Number(left.labels[at] === 1))
    const of = (said: Float32Array, steps: readonly number[]) => Float32Array.from(steps, (at) => said[at]!)
    const told = (said: Float32Array) => {
      const found = of(said, judged)
      const labels = truth(judged)
      return { f1: f1Of(confuse(labels, found, threshold)), loss: logLoss(labels, found) }
    }
    const both = (steps: readonly number[]) => ({
      before: of(left.before, steps),
      after: of(left.after, steps),
    })
    const [was, is] = [told(left.before), told(left.after)]
    const kept =
      left.measured &&
      enough(truth(judged)) &&
      tellsBetter(is, was) &&
      outweighs(truth(outright), both(outright), both(unjudged))
    return {
      steps: judged.length,
      shown: truth(judged).reduce((sum, label) => sum + label, 0),
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

/** Where a behaviour's labels stand: said outright; these and what follows from others; and not said outright. */
function stepsOf(labels: Uint8Array, column: number) {
  const own = [...labels.keys()].filter((at) => at % WIDTH === column)
  const those = (kind: (said: number) => boolean) => own.filter((at) => kind(labels[at]!))
  const [outright, implied, silent] = [those(isOutright), those(isImplied), those(isSilent)]
  return { outright, judged: [...outright, ...implied], unjudged: [...implied, ...silent] }
}

/**
 * What is said of every step by the model's own output, and by heads that were weighted without the step's group; not
 * measured where there is only one group, which leaves nothing to learn from.
 */
function leftOut(heads: number, traces: readonly HeadTrace[]) {
  const groups = [...Map.groupBy(traces, ({ group }) => group).values()]
  const measured = groups.length > 1
  const parts = Array.from({ length: Math.min(FOLDS, groups.length) }, () => [] as HeadTrace[])
  for (const [index, own] of groups.entries()) append(parts[index % parts.length]!, own)
  const [before, after]: [Float32Array[], Float32Array[]] = [[], []]
  const labels: Uint8Array[] = []
  for (const { out, rest } of leavingOut(parts)) {
    const { logits, labels: own } = joinExamples(heads, out)
    const was = mixed(logits, ownHead(heads))
    before.push(was)
    after.push(measured ? mixed(logits, reweight(joinExamples(heads, rest.flat()))) : was)
    labels.push(own)
  }
  return {
    measured,
    before: joined(Float32Array, before),
    after: joined(Float32Array, after),
    labels: joined(Uint8Array, labels),
  }
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
  asTheyCame: joined(
    Uint8Array,
    parts.map(({ labels }) => new Uint8Array(labels.length / WIDTH).fill(labels.some(isUnjudged) ? 0 : 1)),
  ),
})
