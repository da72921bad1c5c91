import { BEHAVIOURS } from '../behaviours.ts'

/**
 * How a person's labels change what a model says: for each behaviour a logistic regression on the model's own logits,
 * behaviours × `INPUTS`, row-major. The model itself stays as it is.
 */
export interface Adaptation {
  weights: readonly number[]
}

const WIDTH = BEHAVIOURS.length
/** Inputs of a behaviour: logits of all behaviours at the step, of itself at the steps before and after, and 1. */
export const INPUTS = WIDTH + 3
/** Probabilities nearer to 0 or 1 than this are as certain as it. */
const CERTAIN = 1e-4

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/** Log-odds of a probability, kept within ±9.2. */
export function logit(probability: number): number {
  const p = Math.min(1 - CERTAIN, Math.max(CERTAIN, probability))
  return Math.log(p / (1 - p))
}

/** Weights that leave a model as it is: its own logit counts once, everything else not at all. */
export function unchanged(behaviour: number): Float64Array {
  const weights = new Float64Array(INPUTS)
  weights[behaviour] = 1
  return weights
}

/**
 * Inputs of the regressions for the steps of one trace.
 * @param probabilities steps × behaviours, row-major
 * @returns steps × `INPUTS`, row-major, of one behaviour
 */
export function inputsOf(probabilities: Float32Array, behaviour: number): Float64Array {
  const steps = probabilities.length / WIDTH
  const logits = Float64Array.from(probabilities, logit)
  const inputs = new Float64Array(steps * INPUTS)
  for (let step = 0; step < steps; step++) {
    const row = step * INPUTS
    inputs.set(logits.subarray(step * WIDTH, (step + 1) * WIDTH), row)
    inputs[row + WIDTH] = step > 0 ? logits[(step - 1) * WIDTH + behaviour]! : 0
    inputs[row + WIDTH + 1] = step + 1 < steps ? logits[(step + 1) * WIDTH + behaviour]! : 0
    inputs[row + WIDTH + 2] = 1
  }
  return inputs
}

/**
 * What an adapted model says of the steps of one trace.
 * @param probabilities of the model as it is: steps × behaviours, row-major
 */
export function adapted(probabilities: Float32Array, { weights }: Adaptation): Float32Array {
  const changed = new Float32Array(probabilities.length)
  for (let behaviour = 0; behaviour < WIDTH; behaviour++) {
    const inputs = inputsOf(probabilities, behaviour)
    const own = weights.slice(behaviour * INPUTS, (behaviour + 1) * INPUTS)
    for (let step = 0; step < probabilities.length / WIDTH; step++)
      changed[step * WIDTH + behaviour] = sigmoid(product(inputs, step * INPUTS, own))
  }
  return changed
}

/** Inner product of a row of a matrix and weights. */
export function product(matrix: Float64Array, from: number, weights: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < weights.length; at++) sum += matrix[from + at]! * weights[at]!
  return sum
}
