import type { StepFeatures } from './config.ts'

/** Features per row of `indices`: longer steps take several rows. */
export const PACK_WIDTH = 32
/** Steps that the model looks at on either side. So many empty ones stand around traces: none sees its neighbour. */
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

/** Part of a trace for a run of its own. */
export interface TracePart {
  features: StepFeatures
  /** Step of the trace that the part's own ones begin with, how many they are, and how many stand before them. */
  first: number
  steps: number
  before: number
}

/**
 * A trace in parts of at most so many steps, each with the steps around it that the model looks at, so that it says of
 * every step what it says of the whole; a trace that is not longer is one part.
 */
export function* partsOf(trace: StepFeatures, denseWidth: number, most: number): Generator<TracePart> {
  for (let first = 0; first === 0 || first < trace.steps; first += most) {
    const steps = Math.min(most, trace.steps - first)
    const from = Math.max(0, first - PACK_GAP)
    const features = slice(trace, denseWidth, from, Math.min(trace.steps, first + steps + PACK_GAP))
    yield { features, first, steps, before: first - from }
  }
}

/** Steps `[from, to)` of a trace; views, but for the offsets. */
function slice(trace: StepFeatures, denseWidth: number, from: number, to: number): StepFeatures {
  if (to - from === trace.steps) return trace
  const [start, end] = [trace.offsets[from]!, trace.offsets[to]!]
  return {
    steps: to - from,
    indices: trace.indices.subarray(start, end),
    values: trace.values.subarray(start, end),
    offsets: trace.offsets.slice(from, to + 1).map((offset) => offset - start),
    dense: trace.dense.subarray(from * denseWidth, to * denseWidth),
  }
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
