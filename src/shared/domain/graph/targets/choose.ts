import type { Relation } from './candidates.ts'
import { createDescriber, type Decision } from './describe.ts'
import type { Facts } from './facts.ts'
import { NONE, outlineOf } from './outline.ts'
import { readParts, type Parts } from './parts.ts'
import type { Rank, Ranker } from './rank.ts'

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
  readonly ranker: Readonly<Record<Relation, Ranker>>
  readonly stay: Readonly<Record<Relation, number>>
}

/**
 * Where each turn returns to and what each check verifies, in the order of the steps. Checks are decided first: a
 * turn often drops what the check before it refuted.
 */
export function chooseTargets(facts: Facts, { ranker, stay }: Weights): Record<Relation, Target[]> {
  const decider = createDecider(facts)
  const choose = (relation: Relation, checked: readonly Target[] | null) => {
    const rank = ranker[relation](decider.parts)
    return decode(
      decider.decisions(relation, checked).map((decision) => score(rank, decision)),
      stay[relation],
    )
  }
  const verifies = choose('verifies', null)
  return { returns_to: choose('returns_to', verifies), verifies }
}

/** What is to be decided in a trace. */
export interface Decider {
  readonly parts: Parts
  /** The decisions of one relation, in order; `checked` are the targets of checks where they are known. */
  decisions(relation: Relation, checked: readonly Target[] | null): Decision[]
}

export function createDecider(facts: Facts): Decider {
  const outline = outlineOf(facts)
  const describe = createDescriber(outline)
  return {
    parts: readParts(outline),
    decisions(relation, checked) {
      const verifies = checked && new Int32Array(facts.steps).fill(NONE)
      for (const { step, target } of checked ?? []) verifies![step] = target
      const steps = relation === 'verifies' ? outline.checks : outline.turns
      return steps.map((step) => describe(step, relation, verifies))
    },
  }
}

export function score(rank: Rank, decision: Decision): Scored {
  const { step, candidates } = decision
  const log = rank(decision)
  for (let at = 0; at < log.length; at++) log[at] = Math.log(Math.max(1e-6, log[at]!))
  return { step, candidates, log }
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
    // Both lists ascend.
    let same = 0
    candidates.forEach((candidate, index) => {
      let from = best
      let sum = previous === undefined ? 0 : previous[best]!
      while (before !== undefined && before.candidates[same]! < candidate) same++
      if (before?.candidates[same] === candidate && previous![same]! + stay > sum) {
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
