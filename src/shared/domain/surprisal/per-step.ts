import type { TokenScores } from './codec.ts'

/**
 * Mean of a measure over the tokens of each step; a token belongs to the step that its last character lies in. NaN
 * where a step has no token of its own.
 * @param bounds `[start0, end0, …]` of the steps, UTF-16, in order
 */
export function meanPerStep(
  { ends }: Pick<TokenScores, 'ends'>,
  values: Float32Array,
  bounds: Uint32Array,
): Float32Array {
  const means = new Float32Array(bounds.length / 2).fill(NaN)
  let token = 0
  for (let step = 0; step < means.length; step++) {
    const [start, end] = [bounds[step * 2]!, bounds[step * 2 + 1]!]
    let [sum, count] = [0, 0]
    for (; token < ends.length && ends[token]! <= end; token++) {
      const value = values[token]!
      if (ends[token]! <= start || Number.isNaN(value)) continue
      sum += value
      count++
    }
    if (count > 0) means[step] = sum / count
  }
  return means
}

/** Mean over all tokens that are known, in bits; NaN where none is. */
export function meanOf(values: Float32Array): number {
  let [sum, count] = [0, 0]
  for (const value of values)
    if (!Number.isNaN(value)) {
      sum += value
      count++
    }
  return count === 0 ? NaN : sum / count
}
