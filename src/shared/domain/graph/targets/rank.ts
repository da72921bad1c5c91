import { CANDIDATE_WIDTH, QUERY_WIDTH, type Decision } from './describe.ts'

/** A small network that scores a candidate: one hidden layer over candidate and query, and a linear part. */
export interface Network {
  readonly hidden: number
  /** `(CANDIDATE_WIDTH + QUERY_WIDTH) × hidden`, input by input. */
  readonly input: Float32Array
  readonly bias: Float32Array
  readonly output: Float32Array
  /** Linear weights of the candidate's own features. */
  readonly linear: Float32Array
}

/** Probability of each candidate: the softmax of the networks' mean scores. */
export function rank(networks: readonly Network[], { candidates, rows, query }: Decision): Float32Array {
  const scores = new Float32Array(candidates.length)
  for (const network of networks) {
    const { hidden, input, bias, output, linear } = network
    const base = Float32Array.from(bias)
    for (let at = 0; at < QUERY_WIDTH; at++) {
      const value = query[at]!
      if (value === 0) continue
      const from = (CANDIDATE_WIDTH + at) * hidden
      for (let unit = 0; unit < hidden; unit++) base[unit]! += value * input[from + unit]!
    }
    const units = new Float32Array(hidden)
    for (let index = 0; index < candidates.length; index++) {
      units.set(base)
      let score = 0
      for (let at = 0; at < CANDIDATE_WIDTH; at++) {
        const value = rows[index * CANDIDATE_WIDTH + at]!
        if (value === 0) continue
        score += value * linear[at]!
        const from = at * hidden
        for (let unit = 0; unit < hidden; unit++) units[unit]! += value * input[from + unit]!
      }
      for (let unit = 0; unit < hidden; unit++) if (units[unit]! > 0) score += units[unit]! * output[unit]!
      scores[index]! += score / networks.length
    }
  }
  return softmax(scores)
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
