import { BEHAVIOURS } from '../behaviours.ts'
import { curveOf } from '../evaluation/diagnose.ts'
import { isOutright, isUnjudged } from '../evaluation/judged.ts'
import { f1Of, confuse } from '../evaluation/scores.ts'
import { joined } from '../joined.ts'
import { enough, folds, leavingOut, logLoss, tellsBetter } from '../learning/cross-validation.ts'
import { outweighs } from '../learning/silence.ts'
import { INPUTS, inputsOf, product, sigmoid, unchanged, type Adaptation } from './adaptation.ts'
import { fitRegression, type Examples } from './regression.ts'

/** A trace to learn from: what the model says, and what a person does; both steps × behaviours, row-major. */
export interface LearningTrace {
  /** Traces of one group, such as those of one problem, are never on both sides of a split. */
  group: string
  probabilities: Float32Array
  /** As `saidOfSteps` tells them: only what is said outright is learnt from. */
  labels: Uint8Array
}

/** Steps of some traces, for one behaviour: those judged outright, and inputs of those that are not, beside labels of what is seen. */
interface Known extends Examples {
  unjudged: Float64Array
}

/** What came of learning one behaviour; shares are of steps left out while learning. */
export interface LearnedBehaviour {
  /** Judged steps, and those of them that show the behaviour. */
  steps: number
  shown: number
  /** F1 before and after; null where undefined. */
  before: number | null
  after: number | null
  /** Mean log-loss before and after. */
  lossBefore: number
  lossAfter: number
  /** The behaviour is changed: left-out steps are told better than before. */
  kept: boolean
  threshold: number
}

export interface Learned extends Adaptation {
  behaviours: LearnedBehaviour[]
}

/** How strongly weights are drawn to where they leave the model as it is. */
const PULLS = [300, 100, 30, 10, 3, 1]
const WIDTH = BEHAVIOURS.length

/**
 * Fits an adaptation to a person's labels, behaviour by behaviour. How strongly to learn is chosen, and what is
 * gained is measured, by cross-validation over groups; the choice itself is made within each fold, so that the
 * figures are of steps that had no part in it. A behaviour that is not told better is left as it is; so is one whose
 * gain on judged steps does not outweigh what would change on those of which nobody has said anything.
 * @param thresholds of the model, one per behaviour
 */
export function fitAdaptation(traces: readonly LearningTrace[], thresholds: readonly number[]): Learned {
  const learned = BEHAVIOURS.map((_, column) => learn(traces, column, thresholds[column]!))
  return {
    weights: learned.flatMap(({ weights }) => [...weights]),
    behaviours: learned.map(({ weights: _, ...told }) => told),
  }
}

function learn(
  traces: readonly LearningTrace[],
  column: number,
  threshold: number,
): LearnedBehaviour & { weights: Float64Array } {
  const groups = [...Map.groupBy(traces, ({ group }) => group).values()]
    .map((own) => examplesOf(own, column))
    .filter(({ labels, unjudged }) => labels.length + unjudged.length > 0)
  const all = oneOf(groups)
  const shown = all.labels.reduce((sum, label) => sum + label, 0)
  const own = unchanged(column)
  const before = predictions(all, own)
  const told = {
    steps: all.labels.length,
    shown,
    before: f1Of(confuse(all.labels, before, threshold)),
    lossBefore: logLoss(all.labels, before),
  }
  const nothing = {
    ...told,
    after: told.before,
    lossAfter: told.lossBefore,
    kept: false,
    threshold,
    weights: own,
  }
  const judgedGroups = groups.filter(({ labels }) => labels.length > 0)
  if (judgedGroups.length < 2 || !enough(all.labels)) return nothing

  // Every fold chooses for itself; what it says of the steps left out is what is measured.
  const parts = folds(groups, ({ labels }) => labels.length)
  const after: Float32Array[] = []
  const quiet: Float32Array[] = []
  const labels: Uint8Array[] = []
  const left: Known[] = []
  let [hits, extra, missed] = [0, 0, 0]
  for (const { out: part, rest } of leavingOut(parts)) {
    const out = oneOf(part)
    const { weights, threshold: at } = choose(rest, own, threshold)
    const said = predictions(out, weights)
    const confusion = confuse(out.labels, said, at)
    hits += confusion.hits
    extra += confusion.extra
    missed += confusion.missed
    after.push(said)
    quiet.push(ofUnjudged(out, weights))
    labels.push(out.labels)
    left.push(out)
  }
  const truth = joined(Uint8Array, labels)
  const is = joined(Float32Array, after)
  const lossAfter = logLoss(truth, is)
  const f1 = f1Of({ hits, extra, missed })
  if (!tellsBetter({ loss: lossAfter, f1 }, { loss: told.lossBefore, f1: told.before })) return nothing
  const was = oneOf(left)
  const judged = { before: predictions(was, own), after: is }
  const unjudged = { before: ofUnjudged(was, own), after: joined(Float32Array, quiet) }
  if (!outweighs(truth, judged, unjudged)) return nothing
  const chosen = choose(parts, own, threshold)
  return { ...told, after: f1, lossAfter, kept: true, ...chosen }
}

/** The pull that tells left-out steps best, the weights it gives on everything, and the threshold of the best F1. */
function choose(
  parts: readonly Known[][],
  own: Float64Array,
  threshold: number,
): { weights: Float64Array; threshold: number } {
  const { labels, unjudged } = oneOf(parts.flat())
  const tried = PULLS.map((pull) => {
    const each = leavingOut(parts).map(({ out, rest }) =>
      predictions(oneOf(out), fitRegression(oneOf(rest.flat()), own, pull)),
    )
    const said = joined(Float32Array, each)
    return { pull, loss: logLoss(labels, said), said }
  })
  const best = tried.reduce((one, other) => (other.loss < one.loss ? other : one))
  return {
    weights: fitRegression(oneOf(parts.flat()), own, best.pull),
    // How often a behaviour is among steps that were labelled for what they show says nothing of the others.
    threshold: unjudged.length > 0 ? threshold : bestThreshold(labels, best.said, threshold),
  }
}

/** The hundredth with the highest F1, of several the one nearest to where the threshold was. */
function bestThreshold(labels: Uint8Array, said: Float32Array, was: number): number {
  const { precision, recall } = curveOf(labels, said)
  const f1 = precision.map((p, at) => {
    const r = recall[at]
    return p === null || r == null || p + r === 0 ? 0 : (2 * p * r) / (p + r)
  })
  const most = Math.max(...f1)
  let best = was
  let nearest = Infinity
  for (let at = 5; at <= 95; at++) {
    if (f1[at]! < most - 0.005 || Math.abs(at / 100 - was) >= nearest) continue
    best = at / 100
    nearest = Math.abs(best - was)
  }
  return best
}

function examplesOf(traces: readonly LearningTrace[], column: number): Known {
  return oneOf(
    traces.map(({ probabilities, labels }) => {
      const inputs = inputsOf(probabilities, column)
      const steps = (wanted: (label: number) => boolean) =>
        Array.from({ length: labels.length / WIDTH }, (_, step) => step).filter((step) =>
          wanted(labels[step * WIDTH + column]!),
        )
      const rows = (of: readonly number[]) => {
        const own = new Float64Array(of.length * INPUTS)
        of.forEach((step, at) => own.set(inputs.subarray(step * INPUTS, (step + 1) * INPUTS), at * INPUTS))
        return own
      }
      const judged = steps(isOutright)
      return {
        inputs: rows(judged),
        labels: Uint8Array.from(judged, (step) => labels[step * WIDTH + column]!),
        unjudged: rows(steps(isUnjudged)),
      }
    }),
  )
}

const oneOf = (parts: readonly Known[]): Known => ({
  inputs: joined(
    Float64Array,
    parts.map(({ inputs }) => inputs),
  ),
  labels: joined(
    Uint8Array,
    parts.map(({ labels }) => labels),
  ),
  unjudged: joined(
    Float64Array,
    parts.map(({ unjudged }) => unjudged),
  ),
})

const said = (inputs: Float64Array, weights: Float64Array): Float32Array =>
  Float32Array.from({ length: inputs.length / INPUTS }, (_, step) =>
    sigmoid(product(inputs, step * INPUTS, weights)),
  )
const predictions = ({ inputs }: Examples, weights: Float64Array) => said(inputs, weights)
const ofUnjudged = ({ unjudged }: Known, weights: Float64Array) => said(unjudged, weights)
