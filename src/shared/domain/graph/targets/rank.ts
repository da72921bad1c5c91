import { CANDIDATE_WIDTH, QUERY_WIDTH, type Decision } from './describe.ts'

/**
 * A small network that scores a candidate: one hidden layer over candidate and query, and a linear part. Doubles,
 * because sums of single precision are converted at every step.
 */
export interface Network {
  readonly hidden: number
  /** `(CANDIDATE_WIDTH + QUERY_WIDTH) × hidden`, input by input. */
  readonly input: Float64Array
  readonly bias: Float64Array
  readonly output: Float64Array
  /** Linear weights of the candidate's own features. */
  readonly linear: Float64Array
}

/** Probability of each candidate: the softmax of the network's scores. */
export function rank(network: Network, { candidates, rows, query }: Decision): Float32Array {
  const { hidden, input, bias, output, linear } = network
  const scores = new Float32Array(candidates.length)
  const base = Float64Array.from(bias)
  for (let at = 0; at < QUERY_WIDTH; at++) {
    if (query[at] !== 0) accumulate(base, input, (CANDIDATE_WIDTH + at) * hidden, query[at]!)
  }
  const units = new Float64Array(hidden)
  for (let index = 0; index < candidates.length; index++) {
    units.set(base)
    let score = 0
    const row = index * CANDIDATE_WIDTH
    for (let at = 0; at < CANDIDATE_WIDTH; at++) {
      const value = rows[row + at]!
      if (value === 0) continue
      score += value * linear[at]!
      accumulate(units, input, at * hidden, value)
    }
    for (let unit = 0; unit < hidden; unit++) if (units[unit]! > 0) score += units[unit]! * output[unit]!
    scores[index] = score
  }
  return softmax(scores)
}

/** Adds `value` times a row of weights; most features are 0 or 1. */
function accumulate(units: Float64Array, weights: Float64Array, from: number, value: number): void {
  const count = units.length
  if (value === 1) for (let unit = 0; unit < count; unit++) units[unit]! += weights[from + unit]!
  else for (let unit = 0; unit < count; unit++) units[unit]! += value * weights[from + unit]!
}

function softmax(scores: Float32Array): Float32Array {
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity)
  let sum = 0
  for (let at = 0; at < scores.length; at++) {
    scores[at] = Math.exp(scores[at]! - highest)
    sum += scores[at]!
  }
  for (let at = 0; at < scores.length; at++) scores[at]! /= sum
  return scores
}
