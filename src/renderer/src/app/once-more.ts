/**
 * Work that is never done twice at a time: while it is under way it can be asked for any number of times, and is then
 * done once more, also where it failed. A promise is that of the whole, and fails where the last time did.
 */
export function onceMore(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let again = false
  const run = async () => {
    do {
      again = false
      await work().catch((thrown: unknown) => {
        if (!again) throw thrown
      })
    } while (again)
  }
  return () => {
    if (running !== null) again = true
    running ??= run().finally(() => (running = null))
    return running
  }
}
