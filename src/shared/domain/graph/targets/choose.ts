import { createDescriber, type Relation } from './describe.ts'
import type { Facts } from './facts.ts'
import { createHistory } from './history.ts'
import { rank, type Network } from './rank.ts'

/** A chosen target: a step, or −1 for the problem itself, and its probability among the candidates. */
export interface Target {
  readonly step: number
  readonly target: number
  readonly confidence: number
}

/** The candidates of one step and their log-probabilities. */
export interface Scored {
  readonly step: number
  readonly candidates: readonly number[]
  readonly log: Float32Array
}

/** What staying with the target of the step before is worth, in log-probability; chosen by cross-validation. */
export interface Weights {
  readonly networks: Readonly<Record<Relation, readonly Network[]>>
  readonly stay: Readonly<Record<Relation, number>>
}

/** Where each turn returns to and what each check verifies, in the order of the steps. */
export function chooseTargets(facts: Facts, { networks, stay }: Weights): Record<Relation, Target[]> {
  const scored = scoreAll(facts, networks)
  return {
    returns_to: decode(scored.returns_to, stay.returns_to),
    verifies: decode(scored.verifies, stay.verifies),
  }
}

/** The decisions of a trace, each by itself. */
export function scoreAll(
  facts: Facts,
  networks: Readonly<Record<Relation, readonly Network[]>>,
): Record<Relation, Scored[]> {
  const describe = createDescriber(facts)
  const history = createHistory(facts.steps)
  const scored: Record<Relation, Scored[]> = { returns_to: [], verifies: [] }
  const score = (step: number, relation: Relation) => {
    const decision = describe(step, relation, history)
    const log = rank(networks[relation], decision).map((chance) => Math.log(Math.max(1e-6, chance)))
    scored[relation].push({ step, candidates: decision.candidates, log })
  }
  for (let step = 0; step < facts.steps; step++) {
    if (facts.shown[step * 4] === 1) score(step, 'verifies')
    if (facts.shown[step * 4 + 1] === 1) score(step, 'returns_to')
  }
  return scored
}

/** The best sequence of targets (Viterbi): each choice's own score, and a bonus for staying with the one before. */
export function decode(scored: readonly Scored[], stay: number): Target[] {
  const totals: Float64Array[] = []
  const backs: Int32Array[] = []
  scored.forEach(({ candidates, log }, at) => {
    const before = scored[at - 1]
    const previous = totals[at - 1]
    const total = new Float64Array(candidates.length)
    const back = new Int32Array(candidates.length)
    let best = 0
    const place = new Map<number, number>()
    before?.candidates.forEach((candidate, index) => {
      place.set(candidate, index)
      if (previous![index]! > previous![best]!) best = index
    })
    candidates.forEach((candidate, index) => {
      let from = best
      let score = previous === undefined ? 0 : previous[best]!
      const same = place.get(candidate)
      if (same !== undefined && previous![same]! + stay > score) {
        from = same
        score = previous![same]! + stay
      }
      total[index] = score + log[index]!
      back[index] = from
    })
    totals.push(total)
    backs.push(back)
  })
  const targets: Target[] = []
  let index = -1
  for (let at = scored.length - 1; at >= 0; at--) {
    const { step, candidates, log } = scored[at]!
    if (index < 0) index = indexOfHighest(totals[at]!)
    targets.push({ step, target: candidates[index]!, confidence: Math.exp(log[index]!) })
    index = backs[at]![index]!
  }
  return targets.reverse()
}

function indexOfHighest(values: Float64Array): number {
  let best = 0
  for (let at = 1; at < values.length; at++) if (values[at]! > values[best]!) best = at
  return best
}
