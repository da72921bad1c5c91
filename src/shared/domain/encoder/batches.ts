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
