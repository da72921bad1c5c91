import { ranOutOfMemory } from './provider.ts'

/** Runs items through a model, those of like length together, and says of each what came of it. */
export type Batching = <Item, Result>(
  items: readonly Item[],
  lengthOf: (item: Item) => number,
  run: (batch: readonly Item[]) => Promise<readonly Result[]>,
  keep: (item: Item, result: Result) => void,
) => Promise<void>

/**
 * Cuts items into batches of so many tokens, padding counted, longest first, so that little of a batch is padding; a
 * longer item goes alone. Where memory runs out the batch is halved, and from then on none is larger than what fitted.
 * A single item that does not fit fails as it failed.
 */
export function createBatching(most: number): Batching {
  let room = most
  return async (items, lengthOf, run, keep) => {
    const order = [...items].sort((a, b) => lengthOf(b) - lengthOf(a))
    for (let at = 0; at < order.length;) {
      const longest = lengthOf(order[at]!)
      const batch = order.slice(at, at + Math.max(1, Math.floor(room / longest)))
      try {
        const results = await run(batch)
        batch.forEach((item, index) => keep(item, results[index]!))
        at += batch.length
      } catch (thrown) {
        if (!ranOutOfMemory(thrown) || batch.length === 1) throw thrown
        room = (batch.length >> 1) * longest
      }
    }
  }
}
