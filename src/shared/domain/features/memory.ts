const BITS = 18

/**
 * Remembers at which step of the current trace something (a hash) was last met. One table serves every
 * trace: entries of earlier traces are recognised by their number and count as never met. Two things
 * whose hashes share a slot are taken for one another, which long traces make a little more likely.
 */
export interface Memory {
  /** Starts a trace: everything is forgotten. */
  begin(): void
  /** Step at which `hash` was last noted, or -1. */
  last(hash: number): number
  /** Notes `hash` at `step` (whole number, not below 0, never decreasing within a trace). */
  note(hash: number, step: number): void
}

export function createMemory(): Memory {
  const table = new Int32Array(2 ** BITS)
  let base = 0
  let top = 0
  return {
    begin() {
      base = top
      if (base > 2 ** 30) {
        table.fill(0)
        base = top = 0
      }
    },
    last(hash) {
      return Math.max(table[slotOf(hash)]! - base, 0) - 1
    },
    note(hash, step) {
      const value = base + step + 1
      table[slotOf(hash)] = value
      if (value > top) top = value
    },
  }
}

function slotOf(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - BITS)
}
