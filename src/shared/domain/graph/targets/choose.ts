import type { Relation } from './candidates.ts'
import { decode, type Bonds, type Scored, type Target } from './decode.ts'
import { createDescriber, type Decision } from './describe.ts'
import type { Facts } from './facts.ts'
import { NONE, outlineOf } from './outline.ts'
import { readParts, type Parts } from './parts.ts'
import type { Rank, Ranker } from './rank.ts'

/** A network for each relation, and how its decisions hang together. */
export interface Weights {
  readonly ranker: Readonly<Record<Relation, Ranker>>
  readonly bonds: Readonly<Record<Relation, Bonds>>
}

/**
 * Where each turn returns to and what each check verifies, in the order of the steps. Checks are decided first: a
 * turn often drops what the check before it refuted.
 */
export function chooseTargets(facts: Facts, { ranker, bonds }: Weights): Record<Relation, Target[]> {
  const decider = createDecider(facts)
  const choose = (relation: Relation, checked: readonly Target[] | null) => {
    const rank = ranker[relation](decider.parts)
    return decode(
      decider.decisions(relation, checked).map((decision) => score(rank, decision)),
      bonds[relation],
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
  return { step: decision.step, candidates: decision.candidates, chances: rank(decision) }
}
