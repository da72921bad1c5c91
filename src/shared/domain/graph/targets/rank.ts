import { CANDIDATE_WIDTH, QUERY_WIDTH, SEEN_WIDTH, WIDTH, type Decision } from './describe.ts'
import { NEXT_WIDTH, OWN_WIDTH, type Parts } from './parts.ts'

/** A small network that scores a candidate: one hidden layer over candidate and query, and a linear part. */
export interface Network {
  readonly hidden: number
  /** `WIDTH × hidden`, input by input: a candidate as seen, its own, of the step after it, the query. */
  readonly input: Float64Array
  readonly bias: Float64Array
  readonly output: Float64Array
  /** Linear weights of the candidate's `CANDIDATE_WIDTH` features. */
  readonly linear: Float64Array
}

/** Probability of each candidate of a decision: the softmax of the network's scores. */
export type Rank = (decision: Decision) => Float32Array

/** Ranks the decisions of a trace with these parts. */
export type Ranker = (parts: Parts) => Rank

/**
 * Units worked out together, whose sums stay in registers. Doubles, because sums of single precision are converted
 * at every step.
 */
const BLOCK = 8

/**
 * Prepares a network. What a step brings along as a candidate is multiplied by its weights once a trace.
 * @throws RangeError when the units do not fill blocks of eight
 */
export function createRanker({ hidden, input, bias, output, linear }: Network): Ranker {
  if (hidden % BLOCK !== 0) throw new RangeError(`${hidden} units are not a multiple of ${BLOCK}`)
  const cut = (from: number, width: number): Layer => ({
    width,
    hidden,
    weights: inBlocks(input, hidden, from, width),
    linear: linear.subarray(from, from + width),
  })
  const seen = cut(0, SEEN_WIDTH)
  const own = cut(SEEN_WIDTH, OWN_WIDTH)
  const next = cut(SEEN_WIDTH + OWN_WIDTH, NEXT_WIDTH)
  const queryWeights = input.subarray(CANDIDATE_WIDTH * hidden, WIDTH * hidden)

  const sparse = createSparse()
  const sums = createSums()

  return (parts) => {
    const rows = parts.own.length / OWN_WIDTH
    const none = new Float64Array(hidden)
    const alone = createSums()
    project(own, parts.own, rows, none, sparse, alone)
    const followed = createSums()
    project(next, parts.next, rows, none, sparse, followed)
    for (let at = 0; at < rows * hidden; at++) followed.units[at]! += alone.units[at]!
    for (let row = 0; row < rows; row++) followed.linear[row]! += alone.linear[row]!

    return ({ step, candidates, rows: features, query }) => {
      const base = bias.slice()
      for (let at = 0; at < QUERY_WIDTH; at++) {
        const value = query[at]!
        if (value === 0) continue
        for (let unit = 0; unit < hidden; unit++) base[unit]! += value * queryWeights[at * hidden + unit]!
      }
      const count = candidates.length
      project(seen, features, count, base, sparse, sums)
      const scores = new Float32Array(count)
      const { units, linear: ownScores } = sums
      for (let index = 0; index < count; index++) {
        const row = candidates[index]! + 1
        // Only steps before the one that asks follow a candidate.
        const part = row < step ? followed : alone
        const added = part.units
        let score = ownScores[index]! + part.linear[row]!
        for (let block = 0; block < hidden; block += BLOCK) {
          const here = block * count + index * BLOCK
          const there = block * rows + row * BLOCK
          for (let unit = 0; unit < BLOCK; unit++) {
            const sum = units[here + unit]! + added[there + unit]!
            // max(0, sum) without a branch, which could not be foretold.
            score += (sum + Math.abs(sum)) * 0.5 * output[block + unit]!
          }
        }
        scores[index] = score
      }
      return softmax(scores)
    }
  }
}

/** Some inputs of the network. */
interface Layer {
  readonly width: number
  readonly hidden: number
  /** Block by block, input by input, `BLOCK` units each. */
  readonly weights: Float64Array
  readonly linear: Float64Array
}

function inBlocks(input: Float64Array, hidden: number, from: number, width: number): Float64Array {
  const weights = new Float64Array(width * hidden)
  let to = 0
  for (let block = 0; block < hidden; block += BLOCK) {
    for (let at = from; at < from + width; at++, to += BLOCK)
      weights.set(input.subarray(at * hidden + block, at * hidden + block + BLOCK), to)
  }
  return weights
}

/** What rows of features add to the units, block by block and row by row, and, linearly, to the score. */
interface Sums {
  units: Float64Array
  linear: Float64Array
}

/** Columns and values of the features that are not 0, as most are, and where those of a row end. */
interface Sparse {
  columns: Int32Array
  values: Float64Array
  ends: Int32Array
}

const createSums = (): Sums => ({ units: new Float64Array(), linear: new Float64Array() })

const createSparse = (): Sparse => ({
  columns: new Int32Array(),
  values: new Float64Array(),
  ends: new Int32Array(),
})

/** Makes room. What is there is used again, because new memory costs as much as the sums. */
function reserve(sparse: Sparse, sums: Sums, { width, hidden }: Layer, rows: number): void {
  if (sums.units.length < rows * hidden) sums.units = new Float64Array(rows * hidden)
  if (sums.linear.length < rows) sums.linear = new Float64Array(rows)
  if (sparse.ends.length < rows) sparse.ends = new Int32Array(rows)
  if (sparse.values.length >= rows * width) return
  sparse.columns = new Int32Array(rows * width)
  sparse.values = new Float64Array(rows * width)
}

/** Multiplies rows of features by a layer and adds `base` to the units of each. */
function project(
  layer: Layer,
  features: Float32Array,
  rows: number,
  base: Float64Array,
  sparse: Sparse,
  sums: Sums,
): void {
  reserve(sparse, sums, layer, rows)
  const { width, hidden, weights, linear } = layer
  const { units } = sums
  const { columns, values, ends } = sparse
  let count = 0
  for (let row = 0; row < rows; row++) {
    let score = 0
    const first = row * width
    for (let column = 0; column < width; column++) {
      const value = features[first + column]!
      columns[count] = column
      values[count] = value
      // Without a branch: which features are 0 cannot be foretold.
      count += value === 0 ? 0 : 1
      score += value * linear[column]!
    }
    sums.linear[row] = score
    ends[row] = count
  }
  for (let block = 0; block < hidden; block += BLOCK) {
    const own = weights.subarray(block * width, (block + BLOCK) * width)
    let to = block * rows
    for (let row = 0, k = 0; row < rows; row++, to += BLOCK) {
      let a = base[block]!
      let b = base[block + 1]!
      let c = base[block + 2]!
      let d = base[block + 3]!
      let e = base[block + 4]!
      let f = base[block + 5]!
      let g = base[block + 6]!
      let h = base[block + 7]!
      for (const end = ends[row]!; k < end; k++) {
        const value = values[k]!
        const from = columns[k]! * BLOCK
        a += value * own[from]!
        b += value * own[from + 1]!
        c += value * own[from + 2]!
        d += value * own[from + 3]!
        e += value * own[from + 4]!
        f += value * own[from + 5]!
        g += value * own[from + 6]!
        h += value * own[from + 7]!
      }
      units[to] = a
      units[to + 1] = b
      units[to + 2] = c
      units[to + 3] = d
      units[to + 4] = e
      units[to + 5] = f
      units[to + 6] = g
      units[to + 7] = h
    }
  }
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
