import type { Relation } from '#shared/domain/graph/targets/describe.ts'
import type { Settings } from './learn.ts'

/** Chosen by cross-validation by problem on the training split. */
export const SETTINGS: Readonly<Record<Relation, Settings & { members: number; power: number }>> = {
  returns_to: {
    hidden: 24,
    epochs: 30,
    rate: 0.003,
    decay: 0.03,
    dropout: 0.4,
    seed: 1,
    members: 2,
    power: 0.5,
  },
  verifies: {
    hidden: 24,
    epochs: 16,
    rate: 0.003,
    decay: 0.03,
    dropout: 0.4,
    seed: 1,
    members: 2,
    power: 0.5,
  },
}

/** Worth of staying with the target of the decision before. */
export const STAY: Readonly<Record<Relation, number>> = { returns_to: 0.6, verifies: 1 }
