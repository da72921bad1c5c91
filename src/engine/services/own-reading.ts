import type { Handlers } from '#shared/contract/contract.ts'
import { own, type OwnBehaviour } from '#shared/contract/own.ts'
import { createThresholdCounts } from '#shared/domain/evaluation/threshold-counts.ts'
import type { Db } from '../db/connection.ts'
import { createOwnSums } from '../db/own-sums.ts'
import type { OwnStore } from '../db/own.ts'

/** What of behaviours of people's own a thread that only reads can answer. */
export const ownReading = {
  'own.list': own['own.list'],
  'own.counts': own['own.counts'],
  'own.spread': own['own.spread'],
}

/** Sums over what heads of people's own behaviours have found. */
export function createOwnReading(db: Db, store: Pick<OwnStore, 'list' | 'require' | 'examples'>) {
  const sums = createOwnSums(db)
  // Every window that reads a trace asks for the behaviours: a million predictions are added up once.
  const known = new Map<number, ReturnType<typeof sums.totals>>()
  const totalsOf = (id: number) => {
    const totals = known.get(id) ?? sums.totals(id)
    known.set(id, totals)
    return totals
  }

  const handlers: Handlers<typeof ownReading> = {
    'own.list': () =>
      store
        .list()
        .map((one): OwnBehaviour => ({ ...one, examples: store.examples(one.id), ...totalsOf(one.id) })),
    'own.counts': ({ behaviour, limit }) => sums.counts(store.require(behaviour).id, limit),
    'own.spread'({ behaviour }) {
      const counts = createThresholdCounts(1)
      for (const probabilities of sums.probabilities(behaviour)) counts.add(probabilities)
      return counts.finish()
    },
  }
  return {
    handlers,
    /** Predictions, heads or steps may have changed. */
    forget: (): void => known.clear(),
  }
}
