/** Longest time in which the engine answers nothing else, in milliseconds. */
const SLICE_MS = 15

/**
 * Lets long work on the engine's own thread be interrupted: called often, it gives way to labels, rows and cancels
 * whenever a slice of time is used up, and costs nothing otherwise.
 */
export function createBreath(): () => Promise<void> | undefined {
  let rested = performance.now()
  return () => {
    if (performance.now() - rested < SLICE_MS) return undefined
    return new Promise((go) =>
      setImmediate(() => {
        rested = performance.now()
        go()
      }),
    )
  }
}
