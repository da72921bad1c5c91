import { sigmoid } from '../adapt/adaptation.ts'

/** Steps with their features (steps × width, row-major), 0 or 1 for each, and what their logit starts from. */
export interface LinearExamples {
  width: number
  features: Float32Array
  labels: Uint8Array
  offsets?: Float32Array | undefined
}

/** `width` weights and the constant after them. */
export type LinearWeights = Float64Array

const ROUNDS = 200
const MEMORY = 10
const SETTLED = 1e-4
/** A round that gains a smaller share of the loss than this is the last one. */
const GAIN = 1e-5

/**
 * Logistic regression on features: the least of Σ log-loss + `pull` / 2 · ‖weights‖², by L-BFGS (Nocedal
 * 1980).
 * @param constantPull the same for the constant; the little that it is at least keeps it finite where all labels are alike
 */
export function fitLinear(
  { width, features, labels, offsets }: LinearExamples,
  pull: number,
  constantPull = 1e-3,
): LinearWeights {
  const steps = labels.length
  const evaluate = (weights: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0)
    let loss = 0
    for (let step = 0; step < steps; step++) {
      const from = step * width
      let z = weights[width]! + (offsets?.[step] ?? 0)
      for (let at = 0; at < width; at++) z += weights[at]! * features[from + at]!
      const toward = labels[step] === 1 ? -z : z
      loss += toward > 0 ? toward + Math.log1p(Math.exp(-toward)) : Math.log1p(Math.exp(toward))
      const apart = sigmoid(z) - labels[step]!
      for (let at = 0; at < width; at++) gradient[at]! += apart * features[from + at]!
      gradient[width]! += apart
    }
    for (let at = 0; at < width; at++) {
      loss += (pull / 2) * weights[at]! ** 2
      gradient[at]! += pull * weights[at]!
    }
    gradient[width]! += constantPull * weights[width]!
    return loss + (constantPull / 2) * weights[width]! ** 2
  }
  return leastOf(evaluate, width + 1)
}

/** Logits of steps. */
export function linearLogits(
  { width, features, offsets }: Omit<LinearExamples, 'labels'>,
  weights: LinearWeights,
): Float32Array {
  return Float32Array.from({ length: features.length / width }, (_, step) => {
    let z = weights[width]! + (offsets?.[step] ?? 0)
    for (let at = 0; at < width; at++) z += weights[at]! * features[step * width + at]!
    return z
  })
}

type Objective = (at: Float64Array, gradient: Float64Array) => number

function leastOf(evaluate: Objective, size: number): Float64Array {
  let at = new Float64Array(size)
  let gradient = new Float64Array(size)
  let value = evaluate(at, gradient)
  const moves: { move: Float64Array; turn: Float64Array; scale: number }[] = []
  for (let round = 0; round < ROUNDS && norm(gradient) > SETTLED * Math.max(1, norm(at)); round++) {
    const direction = gradient.map((g) => -g)
    const shares: number[] = []
    for (let index = moves.length - 1; index >= 0; index--) {
      const { move, turn, scale } = moves[index]!
      shares[index] = scale * dot(move, direction)
      add(direction, turn, -shares[index]!)
    }
    const last = moves.at(-1)
    const first =
      last === undefined ? 1 / Math.max(1, norm(gradient)) : 1 / (last.scale * dot(last.turn, last.turn))
    for (let index = 0; index < size; index++) direction[index]! *= first
    moves.forEach(({ move, turn, scale }, index) =>
      add(direction, move, shares[index]! - scale * dot(turn, direction)),
    )
    const slope = dot(gradient, direction)
    const nextGradient = new Float64Array(size)
    let [share, next, reached] = [1, at, value]
    for (; share > 1e-10; share /= 2) {
      next = at.map((own, index) => own + share * direction[index]!)
      reached = evaluate(next, nextGradient)
      if (reached <= value + 1e-4 * share * slope) break
    }
    if (share <= 1e-10) break
    const move = next.map((own, index) => own - at[index]!)
    const turn = nextGradient.map((own, index) => own - gradient[index]!)
    const bend = dot(move, turn)
    if (bend > 1e-12) moves.push({ move, turn, scale: 1 / bend })
    if (moves.length > MEMORY) moves.shift()
    const settled = value - reached < GAIN * reached
    ;[at, gradient, value] = [next, nextGradient, reached]
    if (settled) break
  }
  return at
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!
  return sum
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a))

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let index = 0; index < to.length; index++) to[index]! += times * what[index]!
}
