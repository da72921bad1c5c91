/**
 * Results in the order of the items, while up to `most` of them are worked on at once.
 * @throws what the work throws, in its turn
 */
export async function* ahead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const going: Promise<R>[] = []
  for await (const item of items) {
    if (going.length >= most) yield await going.shift()!
    const started = work(item)
    // Told when it is its turn: until then nobody listens.
    started.catch(() => undefined)
    going.push(started)
  }
  for (const started of going) yield await started
}
