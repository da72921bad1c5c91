import type { Relation } from '#shared/domain/graph/targets/candidates.ts'
import type { Settings } from './learn.ts'

/** Chosen by cross-validation by problem on the training split. `power`: examples of a trace of n weigh n^-power. */
export const SETTINGS: Readonly<Record<Relation, Settings & { power: number }>> = {
  verifies: { hidden: 24, epochs: 20, rate: 0.003, decay: 0.03, dropout: 0.4, seed: 1, power: 0.5 },
  returns_to: { hidden: 32, epochs: 60, rate: 0.003, decay: 0.03, dropout: 0.4, seed: 1, power: 0.5 },
}

/** Worth of staying with the target of the decision before. */
export const STAY: Readonly<Record<Relation, number>> = { verifies: 0.6, returns_to: 0.6 }

export const FOLDS = 5
