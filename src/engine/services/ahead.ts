/**
 * Results in the order of the items, while up to `most` of them are worked on at once.
 * @throws what the work throws, in its turn
 */
export async function* ahead<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const going: Promise<R>[] = []
  let next = 0
  for (let at = 0; at < items.length; at++) {
    while (next < items.length && next < at + most) {
      const started = work(items[next++]!)
      // Told when it is its turn: until then nobody listens.
      started.catch(() => undefined)
      going.push(started)
    }
    yield await going.shift()!
  }
}
