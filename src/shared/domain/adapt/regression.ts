import { INPUTS, product, sigmoid } from './adaptation.ts'

/** Judged steps: inputs row-major, and 0 or 1 for each. */
export interface Examples {
  inputs: Float64Array
  labels: Uint8Array
}

const ROUNDS = 25
const SETTLED = 1e-7

/**
 * Logistic regression by Newton's method, drawn towards given weights: the least of Σ log-loss +
 * `pull` / 2 · ‖weights − towards‖². With nothing to learn from it stays where it is drawn to.
 */
export function fitRegression(
  { inputs, labels }: Examples,
  towards: Float64Array,
  pull: number,
): Float64Array {
  const objective = (at: Float64Array): number => {
    let sum = 0
    for (let step = 0; step < labels.length; step++) {
      const z = product(inputs, step * INPUTS, at)
      sum += labels[step] === 1 ? softplus(-z) : softplus(z)
    }
    for (let a = 0; a < INPUTS; a++) sum += (pull / 2) * (at[a]! - towards[a]!) ** 2
    return sum
  }
  let weights = Float64Array.from(towards)
  let least = objective(weights)
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = new Float64Array(INPUTS)
    const curvature = new Float64Array(INPUTS * INPUTS)
    for (let step = 0; step < labels.length; step++) {
      const row = step * INPUTS
      const p = sigmoid(product(inputs, row, weights))
      const apart = p - labels[step]!
      const bend = Math.max(p * (1 - p), 1e-6)
      for (let a = 0; a < INPUTS; a++) {
        gradient[a]! += apart * inputs[row + a]!
        const scaled = bend * inputs[row + a]!
        for (let b = 0; b <= a; b++) curvature[a * INPUTS + b]! += scaled * inputs[row + b]!
      }
    }
    for (let a = 0; a < INPUTS; a++) {
      gradient[a]! += pull * (weights[a]! - towards[a]!)
      curvature[a * INPUTS + a]! += pull
    }
    const move = solve(curvature, gradient)
    // A full step may lead too far where the model is certain and wrong: it is halved until it gains something.
    let share = 1
    let next = weights.map((weight, a) => weight - move[a]!)
    let reached = objective(next)
    for (; reached > least && share > SETTLED; share /= 2) {
      next = weights.map((weight, a) => weight - (share / 2) * move[a]!)
      reached = objective(next)
    }
    if (least - reached < SETTLED) break
    weights = next
    least = reached
  }
  return weights
}

/** ln(1 + eᶻ), also where eᶻ is too large a number. */
const softplus = (z: number): number => (z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)))

/** Solves a positive definite system by Cholesky's factors; only the lower half of the matrix is read. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const lower = new Float64Array(INPUTS * INPUTS)
  for (let a = 0; a < INPUTS; a++)
    for (let b = 0; b <= a; b++) {
      let sum = matrix[a * INPUTS + b]!
      for (let k = 0; k < b; k++) sum -= lower[a * INPUTS + k]! * lower[b * INPUTS + k]!
      lower[a * INPUTS + b] = a === b ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[b * INPUTS + b]!
    }
  const found = Float64Array.from(right)
  for (let a = 0; a < INPUTS; a++) {
    for (let k = 0; k < a; k++) found[a]! -= lower[a * INPUTS + k]! * found[k]!
    found[a]! /= lower[a * INPUTS + a]!
  }
  for (let a = INPUTS - 1; a >= 0; a--) {
    for (let k = a + 1; k < INPUTS; k++) found[a]! -= lower[k * INPUTS + a]! * found[k]!
    found[a]! /= lower[a * INPUTS + a]!
  }
  return found
}
