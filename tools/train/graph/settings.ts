import type { Relation } from '#shared/domain/graph/targets/candidates.ts'
import type { Bonds } from '#shared/domain/graph/targets/decode.ts'
import type { Settings } from './learn.ts'

const COMMON = { rate: 0.003, decay: 0.03, dropout: 0.4, power: 0.5, made: 0.5 }

/**
 * `power`: examples of a trace of n weigh n^-power; `made`: those that a language model labelled weigh so much of a
 * person's. docs/graph.md tells how they were chosen.
 */
export const SETTINGS: Readonly<Record<Relation, Settings & { power: number; made: number }>> = {
  verifies: { ...COMMON, members: 1, hidden: 24, epochs: 14 },
  returns_to: { ...COMMON, members: 3, hidden: 32, epochs: 40 },
}

/** How the decisions of a trace hang together. */
export const BONDS: Readonly<Record<Relation, Bonds>> = {
  verifies: { adjacent: 1, apart: 1 },
  returns_to: { adjacent: 5, apart: 1 },
}

export const FOLDS = 5
