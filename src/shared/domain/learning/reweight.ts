import { BEHAVIOURS } from '../behaviours.ts'
import { UNKNOWN_LABEL } from '../evaluation/evaluate.ts'
import { sigmoid } from '../adapt/adaptation.ts'

/**
 * How much each head of an ensemble counts, behaviour by behaviour, and by how much its class prior is moved; both
 * heads × behaviours, row-major. The weights of a behaviour sum to 1.
 */
export interface HeadWeights {
  heads: number
  weights: readonly number[]
  shifts: readonly number[]
}

/** Judged steps: logits of every head, steps × heads × behaviours, and labels, steps × behaviours. */
export interface HeadExamples {
  heads: number
  logits: Float32Array
  /** 0, 1, or `UNKNOWN_LABEL` where nobody has said anything. */
  labels: Uint8Array
}

const WIDTH = BEHAVIOURS.length
/** Share of the first head, the model's own output, before there are labels; the others have the rest in equal parts. */
const OWN_SHARE = 0.5
/** Variance of a class prior's shift, in logits², before there are labels. */
const SHIFT_VARIANCE = 0.25
/** Neighbouring steps are labelled alike and tell less than as many independent ones: losses count this much. */
const TEMPER = 0.7
const ROUNDS = 12

/** What heads count before there are labels. */
export function priorWeights(heads: number): HeadWeights {
  const rest = (1 - OWN_SHARE) / (heads - 1)
  return {
    heads,
    weights: Array.from({ length: heads * WIDTH }, (_, at) => (at < WIDTH ? OWN_SHARE : rest)),
    shifts: new Array<number>(heads * WIDTH).fill(0),
  }
}

/** The model's own output alone, as it is. */
export function ownHead(heads: number): HeadWeights {
  const weights = Array.from({ length: heads * WIDTH }, (_, at) => (at < WIDTH ? 1 : 0))
  return { ...priorWeights(heads), weights }
}

/** Every head alike: an ensemble that has learnt nothing. */
export function uniformWeights(heads: number): HeadWeights {
  return { ...priorWeights(heads), weights: new Array<number>(heads * WIDTH).fill(1 / heads) }
}

/**
 * Reweights the heads by a person's labels (after HyRe, Lee et al. 2024): first the class prior of each is moved to
 * where the labels are likeliest, then w ∝ prior · exp(−Σ loss). One pass over the labels: microseconds for hundreds.
 */
export function reweight({ heads, logits, labels }: HeadExamples): HeadWeights {
  const { weights, shifts } = priorWeights(heads)
  const [learned, moved] = [[...weights], [...shifts]]
  const steps = labels.length / WIDTH
  for (let behaviour = 0; behaviour < WIDTH; behaviour++) {
    const judged = Array.from({ length: steps }, (_, step) => step).filter(
      (step) => labels[step * WIDTH + behaviour] !== UNKNOWN_LABEL,
    )
    if (judged.length === 0) continue
    const own = Uint8Array.from(judged, (step) => labels[step * WIDTH + behaviour]!)
    const scores = Array.from({ length: heads }, (_, head) => {
      const z = Float64Array.from(judged, (step) => logits[(step * heads + head) * WIDTH + behaviour]!)
      const shift = shiftOf(z, own)
      moved[head * WIDTH + behaviour] = shift
      return Math.log(weights[head * WIDTH + behaviour]!) - TEMPER * penalized(z, own, shift)
    })
    const most = Math.max(...scores)
    const shares = scores.map((score) => Math.exp(score - most))
    const sum = shares.reduce((total, share) => total + share, 0)
    shares.forEach((share, head) => (learned[head * WIDTH + behaviour] = share / sum))
  }
  return { heads, weights: learned, shifts: moved }
}

/**
 * Probabilities of steps: the mean over the heads, as they count.
 * @param logits steps × heads × behaviours
 * @returns steps × behaviours
 */
export function mixed(logits: Float32Array, { heads, weights, shifts }: HeadWeights): Float32Array {
  const row = heads * WIDTH
  const probabilities = new Float32Array(logits.length / heads)
  for (let step = 0; step < logits.length / row; step++)
    for (let at = 0; at < row; at++)
      if (weights[at]! > 0)
        probabilities[step * WIDTH + (at % WIDTH)]! +=
          weights[at]! * sigmoid(logits[step * row + at]! + shifts[at]!)
  return probabilities
}

/** The shift of the class prior that labels and the expectation of none make likeliest, by Newton's method. */
function shiftOf(z: Float64Array, labels: Uint8Array): number {
  let shift = 0
  for (let round = 0; round < ROUNDS; round++) {
    let [slope, bend] = [shift / SHIFT_VARIANCE, 1 / SHIFT_VARIANCE]
    for (let step = 0; step < z.length; step++) {
      const p = sigmoid(z[step]! + shift)
      slope += p - labels[step]!
      bend += p * (1 - p)
    }
    const move = Math.max(-2, Math.min(2, slope / bend))
    shift -= move
    if (Math.abs(move) < 1e-6) break
  }
  return shift
}

function penalized(z: Float64Array, labels: Uint8Array, shift: number): number {
  let loss = shift ** 2 / (2 * SHIFT_VARIANCE)
  for (let step = 0; step < z.length; step++) {
    const toward = labels[step] === 1 ? -(z[step]! + shift) : z[step]! + shift
    loss += toward > 0 ? toward + Math.log1p(Math.exp(-toward)) : Math.log1p(Math.exp(toward))
  }
  return loss
}
