import { BEHAVIOURS } from '../behaviours.ts'
import { sigmoid } from '../adapt/adaptation.ts'
import { isImplied, isOutright, isSilent } from '../evaluation/judged.ts'
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
  /** 1 for steps of traces whose steps were judged as they came; none where it is left out. */
  asTheyCame?: Uint8Array
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
/** Silent steps, and implied denials, that are looked at, evenly drawn; the others count with them. */
const MOST_UNJUDGED = 1000
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
 * labels are likeliest, then w ∝ prior · exp(−Σ loss). Milliseconds for hundreds of judged steps, tens of them where
 * thousands of silent ones stand beside.
 *
 * Where people label what they see, how often a behaviour is among the labelled steps is their doing: implied denials
 * weigh the heads against each other, but do not move the class prior. Steps judged as they came move it in full; from
 * there it is moved by what else is said outright, from the first outright denial on, and only as far as it is whatever
 * silence about the other steps means.
 */
export function reweight({ heads, logits, labels, asTheyCame }: HeadExamples): HeadWeights {
  const { weights, shifts } = priorWeights(heads)
  const [learned, moved] = [[...weights], [...shifts]]
  for (let behaviour = 0; behaviour < WIDTH; behaviour++) {
    const { outright, implied, silent } = sorted(labels, behaviour)
    if (outright.steps.length + implied.steps.length === 0) continue
    const of = (head: number, { steps, often }: Steps, truth: (step: number) => number): Column => ({
      z: steps.map((step) => logits[(step * heads + head) * WIDTH + behaviour]!),
      truth: steps.map(truth),
      often,
    })
    const said = (step: number) => Number(labels[step * WIDTH + behaviour] === 1)
    const quiet = implied.steps.length + silent.steps.length > 0
    const free = only(outright, (step) => asTheyCame?.[step] === 1)
    const chosen = only(outright, (step) => asTheyCame?.[step] !== 1)
    const denied = chosen.steps.some((step) => said(step) === 0)
    const start = (head: number) => shiftOf([of(head, free, said)], SHIFT_VARIANCE)
    const ownStart = start(0)
    const asModel = (step: number) => sigmoid(logits[step * heads * WIDTH + behaviour]! + ownStart)
    /** The class prior of a head as far as what is said outright moves it, whatever silence means. */
    const outrightShift = (head: number): number => {
      const from = start(head)
      if (!denied) return from
      const reading = (meant: (step: number) => number) =>
        shiftOf(
          [of(head, chosen, said), of(head, implied, meant), of(head, silent, meant)],
          SHIFT_VARIANCE,
          from,
        )
      return from + borneOut(reading(() => 0) - from, reading(asModel) - from)
    }
    const scores = Array.from({ length: heads }, (_, head) => {
      const judged = [of(head, outright, said), of(head, implied, said)]
      const variance = quiet ? FREE_VARIANCE : SHIFT_VARIANCE
      const shift = shiftOf(judged, variance)
      moved[head * WIDTH + behaviour] = quiet ? outrightShift(head) : shift
      return Math.log(weights[head * WIDTH + behaviour]!) - TEMPER * penalized(judged, shift, variance)
    })
    const most = Math.max(...scores)
    const shares = scores.map((score) => Math.exp(score - most))
    const sum = shares.reduce((total, share) => total + share, 0)
    shares.forEach((share, head) => (learned[head * WIDTH + behaviour] = share / sum))
  }
  return { heads, weights: learned, shifts: moved }
}

/** Some steps, each of which stands for so many. */
interface Steps {
  steps: readonly number[]
  often: number
}

const only = ({ steps, often }: Steps, wanted: (step: number) => boolean): Steps => ({
  steps: steps.filter(wanted),
  often,
})

/** Steps by how somebody has said something of a behaviour; of those that nobody has judged some, for all of them. */
function sorted(labels: Uint8Array, behaviour: number) {
  const [outright, implied, silent] = [[] as number[], [] as number[], [] as number[]]
  for (let at = behaviour; at < labels.length; at += WIDTH) {
    const label = labels[at]!
    const of = isOutright(label) ? outright : isImplied(label) ? implied : isSilent(label) ? silent : null
    of?.push((at - behaviour) / WIDTH)
  }
  const drawn = (all: readonly number[]): Steps => {
    const every = Math.max(1, Math.ceil(all.length / MOST_UNJUDGED))
    const steps = all.filter((_, index) => index % every === 0)
    return { steps, often: all.length / Math.max(1, steps.length) }
  }
  return { outright: { steps: outright, often: 1 }, implied: drawn(implied), silent: drawn(silent) }
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

/** Steps of one head: logits, how likely each shows the behaviour, and how many steps each stands for. */
interface Column {
  z: readonly number[]
  truth: readonly number[]
  often: number
}

/** The shift of the class prior that labels and the expectation of none, or of another, make likeliest, by Newton's method. */
function shiftOf(parts: readonly Column[], variance: number, expected = 0): number {
  let shift = expected
  for (let round = 0; round < ROUNDS; round++) {
    let [slope, bend] = [(shift - expected) / variance, 1 / variance]
    for (const { z, truth, often } of parts)
      for (let step = 0; step < z.length; step++) {
        const p = sigmoid(z[step]! + shift)
        slope += often * (p - truth[step]!)
        bend += often * p * (1 - p)
      }
    const move = Math.max(-2, Math.min(2, slope / bend))
    shift -= move
    if (Math.abs(move) < 1e-6) break
  }
  return shift
}

function penalized(parts: readonly Column[], shift: number, variance: number): number {
  let loss = shift ** 2 / (2 * variance)
  for (const { z, truth, often } of parts)
    for (let step = 0; step < z.length; step++) {
      const toward = truth[step] === 1 ? -(z[step]! + shift) : z[step]! + shift
      loss += often * (toward > 0 ? toward + Math.log1p(Math.exp(-toward)) : Math.log1p(Math.exp(toward)))
    }
  return loss
}
