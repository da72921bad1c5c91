import { createDescriber, type Decision, type Relation } from './describe.ts'
import type { Facts } from './facts.ts'
import { createHistory, noteCheck, noteTurn, type History } from './history.ts'

/** A chosen target: a step, or −1 for the problem itself, and its probability among the candidates. */
export interface Target {
  readonly target: number
  readonly confidence: number
}

/** Chooses among the candidates of a decision. */
export type Choose = (decision: Decision) => Target

/** Every decision of a trace, none seeing another. */
export function describeAll(facts: Facts): Decision[] {
  const describe = createDescriber(facts)
  const history = createHistory(facts.steps)
  const decisions: Decision[] = []
  for (let step = 0; step < facts.steps; step++) {
    if (facts.shown[step * 4] === 1) decisions.push(describe(step, 'verifies', history))
    if (facts.shown[step * 4 + 1] === 1) decisions.push(describe(step, 'returns_to', history))
  }
  return decisions
}

/**
 * Chooses, from the first step to the last, what each check verifies and where each turn returns to.
 * Every choice sees the choices before it: turns of one trace go back to the same few points.
 */
export function predictTargets(facts: Facts, choose: Choose): History {
  const describe = createDescriber(facts)
  const history = createHistory(facts.steps)
  const decide = (step: number, relation: Relation) => choose(describe(step, relation, history))
  for (let step = 0; step < facts.steps; step++) {
    if (facts.shown[step * 4] === 1) {
      const { target, confidence } = decide(step, 'verifies')
      noteCheck(history, step, target, confidence)
    }
    if (facts.shown[step * 4 + 1] === 1) {
      const { target, confidence } = decide(step, 'returns_to')
      noteTurn(history, step, target, confidence)
    }
  }
  return history
}

/** The most probable candidate. */
export function mostProbable({ candidates }: Decision, probabilities: Float32Array): Target {
  let best = 0
  for (let at = 1; at < probabilities.length; at++) if (probabilities[at]! > probabilities[best]!) best = at
  return { target: candidates[best]!, confidence: probabilities[best]! }
}
