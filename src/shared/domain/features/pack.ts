import type { StepFeatures } from './config.ts'

/** Features per row of `indices`: longer steps take several rows. */
export const PACK_WIDTH = 32
/** Empty steps before, between and after traces, so that no trace sees its neighbour. */
export const PACK_GAP = 4

/** The model's inputs for a batch of traces, row-major. */
export interface PackedBatch {
  /** int32, chunks × PACK_WIDTH; 0 is padding. Row 0 is all padding. */
  indices: Int32Array
  /** float, chunks × 1 × PACK_WIDTH. */
  values: Float32Array
  chunks: number
  /** int32, positions × rowWidth: the rows of `indices` that make up each position; 0 is padding. */
  rows: Int32Array
  rowWidth: number
  /** float, positions × the dense features; all zero where no step stands. */
  dense: Float32Array
  denseWidth: number
  positions: number
  /** Position of each trace's first step; its steps follow one another. */
  starts: Int32Array
}

/**
 * Lays traces out in one sequence for one run of the model. Its output has one row of probabilities for
 * each position; those of trace t are `[starts[t], starts[t] + traces[t].steps)`.
 */
export function packBatch(traces: readonly StepFeatures[], denseWidth: number): PackedBatch {
  let positions = PACK_GAP
  let chunks = 1
  let rowWidth = 1
  const starts = new Int32Array(traces.length)
  traces.forEach((trace, at) => {
    starts[at] = positions
    positions += trace.steps + PACK_GAP
    for (let step = 0; step < trace.steps; step++) {
      const rows = Math.ceil((trace.offsets[step + 1]! - trace.offsets[step]!) / PACK_WIDTH)
      chunks += rows
      if (rows > rowWidth) rowWidth = rows
    }
  })
  const indices = new Int32Array(chunks * PACK_WIDTH)
  const values = new Float32Array(chunks * PACK_WIDTH)
  const rows = new Int32Array(positions * rowWidth)
  const dense = new Float32Array(positions * denseWidth)
  let chunk = 1
  traces.forEach((trace, at) => {
    const start = starts[at]!
    dense.set(trace.dense, start * denseWidth)
    for (let step = 0; step < trace.steps; step++) {
      const from = trace.offsets[step]!
      const to = trace.offsets[step + 1]!
      indices.set(trace.indices.subarray(from, to), chunk * PACK_WIDTH)
      values.set(trace.values.subarray(from, to), chunk * PACK_WIDTH)
      const used = Math.ceil((to - from) / PACK_WIDTH)
      for (let row = 0; row < used; row++) rows[(start + step) * rowWidth + row] = chunk++
    }
  })
  return { indices, values, chunks, rows, rowWidth, dense, denseWidth, positions, starts }
}
