import { describe, expect, it } from 'vitest'
import type { StepFeatures } from '#shared/domain/features/config.ts'
import { PACK_GAP, PACK_WIDTH, packBatch } from '#shared/domain/features/pack.ts'

/** A trace whose steps have as many features as told, numbered from `first`. */
function trace(counts: readonly number[], first: number): StepFeatures {
  const offsets = Int32Array.from([
    0,
    ...counts.map((_, at) => counts.slice(0, at + 1).reduce((a, b) => a + b, 0)),
  ])
  const indices = Int32Array.from({ length: offsets.at(-1)! }, (_, at) => first + at)
  return {
    steps: counts.length,
    indices,
    values: Float32Array.from(indices, (index) => index / 2),
    offsets,
    dense: Float32Array.from({ length: counts.length * 2 }, (_, at) => first + at),
  }
}

describe('packed batches', () => {
  it('lets every feature be found again from its step', () => {
    const traces = [trace([3, 0, PACK_WIDTH * 2 + 1], 1), trace([], 500), trace([PACK_WIDTH], 900)]
    const batch = packBatch(traces, 2)
    expect(Array.from(batch.starts)).toEqual([PACK_GAP, 2 * PACK_GAP + 3, 3 * PACK_GAP + 3])
    expect(batch.positions).toBe(4 * PACK_GAP + 4)
    traces.forEach((own, number) => {
      for (let step = 0; step < own.steps; step++) {
        const at = batch.starts[number]! + step
        const rows = batch.rows.subarray(at * batch.rowWidth, (at + 1) * batch.rowWidth)
        const found = Array.from(rows).flatMap((row) =>
          Array.from(batch.indices.subarray(row * PACK_WIDTH, (row + 1) * PACK_WIDTH)),
        )
        const wanted = Array.from(own.indices.subarray(own.offsets[step], own.offsets[step + 1]))
        expect(found.filter((index) => index > 0)).toEqual(wanted)
        expect(batch.dense[at * 2]).toBe(own.dense[step * 2])
      }
    })
    expect(batch.indices.subarray(0, PACK_WIDTH).every((index) => index === 0)).toBe(true)
    expect(batch.values).toHaveLength(batch.chunks * PACK_WIDTH)
  })

  it('leaves the places between traces empty', () => {
    const batch = packBatch([trace([1], 1), trace([1], 2)], 2)
    const stepsAt = new Set(batch.starts)
    for (let at = 0; at < batch.positions; at++) {
      if (stepsAt.has(at)) continue
      expect(batch.dense.subarray(at * 2, at * 2 + 2)).toEqual(new Float32Array(2))
      expect(batch.rows[at * batch.rowWidth]).toBe(0)
    }
  })

  it('can be empty', () => {
    expect(packBatch([], 2)).toMatchObject({ chunks: 1, positions: PACK_GAP })
  })
})
