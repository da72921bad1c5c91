import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { chooseTargets, type Weights } from './targets/choose.ts'
import type { Relation } from './targets/candidates.ts'
import { readFacts } from './targets/facts.ts'
import { WEIGHTS } from './targets/weights.ts'

/** A labelled trace. Steps are UTF-16 bounds; targets are step indices, −1 the problem itself. */
export interface LabelledSteps {
  readonly text: string
  readonly bounds: Uint32Array
  readonly annotations: readonly {
    readonly step: number
    readonly behaviours: readonly Behaviour[]
    readonly verifies?: number | null | undefined
    readonly returns_to?: number | null | undefined
  }[]
}

/** How many targets, and the share of them that is right, exactly or within two steps. */
export interface Accuracy {
  n: number
  exact: number
  within2: number
}

export interface Evaluation extends Record<Relation, Accuracy> {
  baselines: Record<'previous_step' | 'start_of_trace' | 'last_branch', Record<Relation, Accuracy>>
}

const RELATIONS = ['returns_to', 'verifies'] as const

/**
 * Scores chosen targets against labelled ones. The labelled behaviours are taken as given; only the targets are
 * chosen. Baselines: the step before; the problem itself; the first step of the branch the step stands in.
 */
export function evaluateTargets(traces: Iterable<LabelledSteps>, weights: Weights = WEIGHTS): Evaluation {
  const zero = (): Record<Relation, Accuracy> => ({
    returns_to: { n: 0, exact: 0, within2: 0 },
    verifies: { n: 0, exact: 0, within2: 0 },
  })
  const own = zero()
  const baselines = { previous_step: zero(), start_of_trace: zero(), last_branch: zero() }
  for (const { text, bounds, annotations } of traces) {
    const shown = new Uint8Array(bounds.length * 2)
    for (const { step, behaviours } of annotations) {
      for (const behaviour of behaviours) shown[step * 4 + BEHAVIOURS.indexOf(behaviour)] = 1
    }
    const chosen = chooseTargets(readFacts(text, bounds, shown), weights)
    const turns = annotations.flatMap(({ step, behaviours }) =>
      behaviours.includes('backtracking') ? [step] : [],
    )
    for (const relation of RELATIONS) {
      const targets = new Map(chosen[relation].map(({ step, target }) => [step, target]))
      for (const annotation of annotations) {
        const gold = annotation[relation]
        const target = targets.get(annotation.step)
        if (gold == null || target === undefined) continue
        count(own[relation], target, gold)
        count(baselines.previous_step[relation], annotation.step - 1, gold)
        count(baselines.start_of_trace[relation], -1, gold)
        count(baselines.last_branch[relation], turns.findLast((turn) => turn < annotation.step) ?? -1, gold)
      }
    }
  }
  for (const set of [own, ...Object.values(baselines)]) for (const relation of RELATIONS) share(set[relation])
  return { ...own, baselines }
}

function count(accuracy: Accuracy, target: number, gold: number): void {
  accuracy.n++
  if (target === gold) accuracy.exact++
  if (Math.abs(target - gold) <= 2) accuracy.within2++
}

function share(accuracy: Accuracy): void {
  const rounded = (value: number) => Math.round(value * 1e4) / 1e4
  accuracy.exact = accuracy.n === 0 ? 0 : rounded(accuracy.exact / accuracy.n)
  accuracy.within2 = accuracy.n === 0 ? 0 : rounded(accuracy.within2 / accuracy.n)
}
