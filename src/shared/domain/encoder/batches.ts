import type { Window } from './windows.ts'

/** Several windows as an encoder takes them, row-major; the rest of a row is padding. */
export interface WindowBatch {
  windows: number
  /** Pieces of the longest window. */
  pieces: number
  /** Own steps of the window that has most. */
  steps: number
  /** windows × pieces. */
  ids: Int32Array
  /** windows × pieces: 1 where a piece stands. */
  mask: Int32Array
  /** windows × steps × pieces: the weights that make the mean over each own step. */
  pool: Float32Array
}

/** Lays windows out beside each other. */
export function packWindows(windows: readonly Window[], pad: number): WindowBatch {
  const pieces = Math.max(...windows.map(({ ids }) => ids.length))
  const steps = Math.max(...windows.map(({ spans }) => spans.length))
  const ids = new Int32Array(windows.length * pieces).fill(pad)
  const mask = new Int32Array(windows.length * pieces)
  const pool = new Float32Array(windows.length * steps * pieces)
  windows.forEach((window, row) => {
    ids.set(window.ids, row * pieces)
    mask.fill(1, row * pieces, row * pieces + window.ids.length)
    window.spans.forEach(([from, to], step) => {
      const start = (row * steps + step) * pieces
      pool.fill(1 / (to - from), start + from, start + to)
    })
  })
  return { windows: windows.length, pieces, steps, ids, mask, pool }
}

/**
 * Groups windows of like length, longest first, so that little of a batch is padding.
 * @param lengths pieces of each window
 * @param most pieces of a batch, padding counted; a longer window goes alone
 * @returns indices into `lengths`, each once
 */
export function batchesByLength(lengths: readonly number[], most: number): number[][] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[b]! - lengths[a]!)
  const batches: number[][] = []
  for (const index of order) {
    const current = batches.at(-1)
    if (current !== undefined && (current.length + 1) * lengths[current[0]!]! <= most) current.push(index)
    else batches.push([index])
  }
  return batches
}
