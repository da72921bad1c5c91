import { BEHAVIOURS } from '../behaviours.ts'
import { sigmoid } from '../adapt/adaptation.ts'
import { IMPLIED_ABSENT, SILENT } from '../evaluation/judged.ts'
import { borneOut } from './silence.ts'

/**
 * How much each head of an ensemble counts, behaviour by behaviour, and by how much its class prior is moved; both
 * heads × behaviours, row-major. The weights of a behaviour sum to 1.
 */
export interface HeadWeights {
  heads: number
  weights: readonly number[]
  shifts: readonly number[]
}

/** Steps of labelled traces: logits of every head, steps × heads × behaviours, and labels, steps × behaviours. */
export interface HeadExamples {
  heads: number
  logits: Float32Array
  /** As `saidOfSteps` tells them. */
  labels: Uint8Array
}

const WIDTH = BEHAVIOURS.length
/** Share of the first head, the model's own output, before there are labels; the others have the rest in equal parts. */
const OWN_SHARE = 0.5
/** Variance of a class prior's shift, in logits², before there are labels. */
const SHIFT_VARIANCE = 0.25
/**
 * The same where steps were labelled for what they show, as far as heads are compared: how often a behaviour is among
 * them says nothing for or against a head.
 */
const FREE_VARIANCE = 4
/** Steps of which nobody has said anything that are looked at, evenly drawn; the others count with them. */
const MOST_SILENT = 1000
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
 * Reweights the heads by a person's labels (after HyRe, Lee et al. 2024): the class prior of each is moved to where the
 * labels are likeliest, then w ∝ prior · exp(−Σ loss). Tens of milliseconds for
 * hundreds, up to a hundred with silent steps beside them.
 *
 * Where people label what they see, how often a behaviour is among the labelled steps is their doing: implied denials
 * weigh the heads against each other, and the class prior moves only by what is said outright, from the first outright
 * denial on, and only as far as it does whatever silence about the other steps means.
 */
export function reweight({ heads, logits, labels }: HeadExamples): HeadWeights {
  const { weights, shifts } = priorWeights(heads)
  const [learned, moved] = [[...weights], [...shifts]]
  for (let behaviour = 0; behaviour < WIDTH; behaviour++) {
    const { outright, implied, silent } = sorted(labels, behaviour)
    const judged = [...outright, ...implied]
    if (judged.length === 0) continue
    const quiet = [...implied, ...silent.steps]
    const truth = judged.map((step) => Number(labels[step * WIDTH + behaviour] === 1))
    const denied = truth.slice(0, outright.length).includes(0)
    const logitsOf = (head: number, steps: readonly number[]) =>
      steps.map((step) => logits[(step * heads + head) * WIDTH + behaviour]!)
    const nothing = quiet.map(() => 0)
    const asModel = logitsOf(0, quiet).map(sigmoid)
    const often = quiet.map((_, at) => (at < implied.length ? 1 : silent.stand))
    /** The class prior of a head as far as what is said outright moves it, whatever silence means. */
    const outrightShift = (z: readonly number[], head: number): number => {
      if (!denied) return 0
      const spoken = { z: z.slice(0, outright.length), truth }
      const others = logitsOf(head, quiet)
      const reading = (meant: readonly number[]) =>
        shiftOf([spoken, { z: others, truth: meant, often }], SHIFT_VARIANCE)
      return borneOut(reading(nothing), reading(asModel))
    }
    const scores = Array.from({ length: heads }, (_, head) => {
      const z = logitsOf(head, judged)
      const variance = quiet.length > 0 ? FREE_VARIANCE : SHIFT_VARIANCE
      const shift = shiftOf([{ z, truth }], variance)
      moved[head * WIDTH + behaviour] = quiet.length > 0 ? outrightShift(z, head) : shift
      return Math.log(weights[head * WIDTH + behaviour]!) - TEMPER * penalized({ z, truth }, shift, variance)
    })
    const most = Math.max(...scores)
    const shares = scores.map((score) => Math.exp(score - most))
    const sum = shares.reduce((total, share) => total + share, 0)
    shares.forEach((share, head) => (learned[head * WIDTH + behaviour] = share / sum))
  }
  return { heads, weights: learned, shifts: moved }
}

/** Steps by how somebody has said something of a behaviour; of the silent ones some, each of which stands for as many. */
function sorted(labels: Uint8Array, behaviour: number) {
  const [outright, implied, silent] = [[] as number[], [] as number[], [] as number[]]
  for (let at = behaviour; at < labels.length; at += WIDTH) {
    const of = labels[at]! <= 1 ? outright : labels[at] === IMPLIED_ABSENT ? implied : null
    if (of !== null) of.push((at - behaviour) / WIDTH)
    else if (labels[at] === SILENT) silent.push((at - behaviour) / WIDTH)
  }
  const every = Math.max(1, Math.ceil(silent.length / MOST_SILENT))
  const steps = silent.filter((_, index) => index % every === 0)
  return { outright, implied, silent: { steps, stand: silent.length / Math.max(1, steps.length) } }
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

/** Steps of one head: logits, how likely each shows the behaviour, and how many steps it stands for, 1 unless told. */
interface Column {
  z: readonly number[]
  truth: readonly number[]
  often?: readonly number[]
}

/** The shift of the class prior that labels and the expectation of none make likeliest, by Newton's method. */
function shiftOf(parts: readonly Column[], variance: number): number {
  let shift = 0
  for (let round = 0; round < ROUNDS; round++) {
    let [slope, bend] = [shift / variance, 1 / variance]
    for (const { z, truth, often } of parts)
      for (let step = 0; step < z.length; step++) {
        const p = sigmoid(z[step]! + shift)
        const count = often?.[step] ?? 1
        slope += count * (p - truth[step]!)
        bend += count * p * (1 - p)
      }
    const move = Math.max(-2, Math.min(2, slope / bend))
    shift -= move
    if (Math.abs(move) < 1e-6) break
  }
  return shift
}

function penalized({ z, truth }: Column, shift: number, variance: number): number {
  let loss = shift ** 2 / (2 * variance)
  for (let step = 0; step < z.length; step++) {
    const toward = truth[step] === 1 ? -(z[step]! + shift) : z[step]! + shift
    loss += toward > 0 ? toward + Math.log1p(Math.exp(-toward)) : Math.log1p(Math.exp(toward))
  }
  return loss
}
