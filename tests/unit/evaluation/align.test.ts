import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { carryOver, markedSteps } from '#shared/domain/evaluation/align.ts'

/** Steps over a text of 60 units, with gaps. */
const segmentation = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 2, maxLength: 14 })
  .map((cuts) => {
    const sorted = cuts.sort((a, b) => a - b)
    return Uint32Array.from(sorted.slice(0, sorted.length - (sorted.length % 2)))
  })
const valuesOf = (bounds: Uint32Array) =>
  Float32Array.from({ length: bounds.length / 2 }, (_, i) => (i + 1) / 16)

describe('values carried from one segmentation to another', () => {
  it('stay as they are where the steps are the same', () => {
    fc.assert(
      fc.property(segmentation, (bounds) => {
        expect(carryOver(bounds, valuesOf(bounds), 1, bounds)).toEqual(valuesOf(bounds))
      }),
    )
  })

  it('are those of some step that overlaps, and 0 where none does', () => {
    fc.assert(
      fc.property(segmentation, segmentation, (from, to) => {
        const values = valuesOf(from)
        carryOver(from, values, 1, to).forEach((value, step) => {
          const overlapping = [...values].filter(
            (_, source) => from[source * 2]! < to[step * 2 + 1]! && from[source * 2 + 1]! > to[step * 2]!,
          )
          if (overlapping.length === 0) expect(value).toBe(0)
          else expect(overlapping).toContain(value)
        })
      }),
    )
  })

  it('give a step that was cut in pieces what any piece shows, and pieces what the step shows', () => {
    const whole = Uint32Array.from([0, 30])
    const pieces = Uint32Array.from([0, 10, 10, 20, 20, 30])
    expect([...carryOver(pieces, Float32Array.from([0.25, 0.75, 0.5]), 1, whole)]).toEqual([0.75])
    expect([...carryOver(whole, Float32Array.from([0.5]), 1, pieces)]).toEqual([0.5, 0.5, 0.5])
  })

  it('do not leak over an edge that is off by little', () => {
    const from = Uint32Array.from([0, 22, 22, 40])
    const to = Uint32Array.from([0, 20, 20, 40])
    expect([...carryOver(from, Float32Array.from([1, 0]), 1, to)]).toEqual([1, 0])
  })
})

describe('steps that spans mark', () => {
  it('are those covered by half', () => {
    const bounds = Uint32Array.from([0, 10, 11, 20, 21, 30])
    expect([...markedSteps(bounds, [{ start: 11, end: 20 }])]).toEqual([0, 1, 0])
    expect([...markedSteps(bounds, [{ start: 8, end: 22 }])]).toEqual([0, 1, 0])
    expect([...markedSteps(bounds, [{ start: 13, end: 15 }])]).toEqual([0, 1, 0])
    expect([...markedSteps(bounds, [{ start: 0, end: 30 }])]).toEqual([1, 1, 1])
    expect([...markedSteps(bounds, [])]).toEqual([0, 0, 0])
  })
})
