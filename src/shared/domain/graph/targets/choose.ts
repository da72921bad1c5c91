import type { Relation } from './candidates.ts'
import { createDescriber, type Decision } from './describe.ts'
import type { Facts } from './facts.ts'
import { BACKTRACKING, NONE, VERIFICATION } from './outline.ts'
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

/** A network for each relation, and what staying with the target of the step before is worth in log-probability. */
export interface Weights {
  readonly network: Readonly<Record<Relation, Network>>
  readonly stay: Readonly<Record<Relation, number>>
}

/**
 * Where each turn returns to and what each check verifies, in the order of the steps. Checks are decided first: a
 * turn often drops what the check before it refuted.
 */
export function chooseTargets(facts: Facts, { network, stay }: Weights): Record<Relation, Target[]> {
  const choose = (relation: Relation, decisions: readonly Decision[]) =>
    decode(
      decisions.map((decision) => score(network[relation], decision)),
      stay[relation],
    )
  const verifies = choose('verifies', decisionsOf(facts, 'verifies', null))
  const returns_to = choose('returns_to', decisionsOf(facts, 'returns_to', verifies))
  return { returns_to, verifies }
}

/** The decisions of one relation, in order; `checked` are the targets of checks where they are known. */
export function decisionsOf(facts: Facts, relation: Relation, checked: readonly Target[] | null): Decision[] {
  const describe = createDescriber(facts)
  const behaviour = relation === 'verifies' ? VERIFICATION : BACKTRACKING
  const verifies = checked && new Int32Array(facts.steps).fill(NONE)
  for (const { step, target } of checked ?? []) verifies![step] = target
  const decisions: Decision[] = []
  for (let step = 0; step < facts.steps; step++) {
    if (facts.shown[step * 4 + behaviour] === 1) decisions.push(describe(step, relation, verifies))
  }
  return decisions
}

export function score(network: Network, decision: Decision): Scored {
  const { step, candidates } = decision
  return { step, candidates, log: rank(network, decision).map((chance) => Math.log(Math.max(1e-6, chance))) }
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
    const best = previous === undefined ? 0 : indexOfHighest(previous)
    const place = new Map(before?.candidates.map((candidate, index) => [candidate, index]))
    candidates.forEach((candidate, index) => {
      let from = best
      let sum = previous === undefined ? 0 : previous[best]!
      const same = place.get(candidate)
      if (same !== undefined && previous![same]! + stay > sum) {
        from = same
        sum = previous![same]! + stay
      }
      total[index] = sum + log[index]!
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
