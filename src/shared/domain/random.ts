/** Numbers in [0, 1) that depend on the seed alone (mulberry32, Tommy Ettinger, public domain). */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Fraction of the golden ratio. */
const GOLDEN = 0.618_033_988_749_895

/** The n-th of numbers from 0 up to 1, of which however many lie evenly between the two. */
export const evenlySpread = (n: number): number => (n * GOLDEN) % 1
