import { ranOutOfMemory } from './provider.ts'

/**
 * Runs a batch; where memory runs out it is halved, and both halves are run. A single item that does not fit fails.
 * @param fits is told how many items are to be tried at most from then on
 */
export async function inHalves<Item, Result>(
  items: readonly Item[],
  run: (part: readonly Item[]) => Promise<Result[]>,
  fits: (items: number) => void,
): Promise<Result[]> {
  try {
    return await run(items)
  } catch (thrown) {
    if (!ranOutOfMemory(thrown) || items.length === 1) throw thrown
    const half = items.length >> 1
    fits(half)
    return [
      ...(await inHalves(items.slice(0, half), run, fits)),
      ...(await inHalves(items.slice(half), run, fits)),
    ]
  }
}
