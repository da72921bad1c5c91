/** A chosen target: a step, or −1 for the problem itself, and its probability, all decisions of the trace considered. */
export interface Target {
  readonly step: number
  readonly target: number
  readonly confidence: number
}

/** The candidates of one step, ascending, and their probabilities, seen alone. */
export interface Scored {
  readonly step: number
  readonly candidates: readonly number[]
  readonly chances: Float32Array
}

/**
 * By how much, in log-odds, a decision is drawn to the target of the one before: a retraction and the new start
 * beside it are one turn, and later turns often go back to the same place.
 */
export interface Bonds {
  /** Where the two steps stand side by side, and where they do not. */
  readonly adjacent: number
  readonly apart: number
}

/** What a target within two steps of the right one is worth, that one being worth 1 more. */
const NEAR = 0.2
const WITHIN = 2

/**
 * The targets of least expected loss: the probability of each candidate given all decisions of the trace (forward and
 * backward over a chain, Rabiner 1989), and a little for what lies close by.
 */
export function decode(scored: readonly Scored[], bonds: Bonds): Target[] {
  const gains = scored.map(({ step }, at) =>
    Math.expm1(at > 0 && step - scored[at - 1]!.step === 1 ? bonds.adjacent : bonds.apart),
  )
  const forward: Float64Array[] = []
  for (let at = 0; at < scored.length; at++) {
    const belief = new Float64Array(scored[at]!.chances)
    if (at > 0) multiply(belief, carry(forward[at - 1]!, scored[at - 1]!, scored[at]!, gains[at]!))
    forward.push(normalised(belief))
  }
  const targets: Target[] = []
  let message: Float64Array | null = null
  for (let at = scored.length - 1; at >= 0; at--) {
    const { step, candidates, chances } = scored[at]!
    const belief = forward[at]!
    const onward = new Float64Array(chances)
    if (message !== null) {
      multiply(belief, message)
      multiply(onward, message)
    }
    normalised(belief)
    const chosen = choose(candidates, belief)
    targets.push({ step, target: candidates[chosen]!, confidence: belief[chosen]! })
    if (at > 0) message = carry(normalised(onward), scored[at]!, scored[at - 1]!, gains[at]!)
  }
  return targets.reverse()
}

/** What a belief over the candidates of one decision says of those of the next: any may follow, the same rather. */
function carry(belief: Float64Array, from: Scored, to: Scored, gain: number): Float64Array {
  const said = new Float64Array(to.candidates.length).fill(1)
  let at = 0
  for (let index = 0; index < said.length; index++) {
    const candidate = to.candidates[index]!
    while (at < belief.length && from.candidates[at]! < candidate) at++
    if (at < belief.length && from.candidates[at] === candidate) said[index]! += gain * belief[at]!
  }
  return said
}

function multiply(into: Float64Array, by: Float64Array): void {
  for (let at = 0; at < into.length; at++) into[at]! *= by[at]!
}

/** Makes the values sum to 1. */
function normalised(values: Float64Array): Float64Array {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at]!
  for (let at = 0; at < values.length; at++) values[at]! /= sum
  return values
}

/** The index of the candidate that is worth most. */
function choose(candidates: readonly number[], belief: Float64Array): number {
  let best = 0
  let most = -1
  for (let at = 0; at < candidates.length; at++) {
    let worth = belief[at]! * (1 + NEAR)
    for (let other = at - 1; other >= 0 && candidates[at]! - candidates[other]! <= WITHIN; other--)
      worth += NEAR * belief[other]!
    for (let other = at + 1; other < belief.length && candidates[other]! - candidates[at]! <= WITHIN; other++)
      worth += NEAR * belief[other]!
    if (worth > most) [best, most] = [at, worth]
  }
  return best
}
