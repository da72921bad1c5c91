import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '#shared/domain/random.ts'
import { toDirections } from '#shared/domain/similar/directions.ts'
import { groupRows } from '#shared/domain/similar/groups.ts'
import { createNearest } from '#shared/domain/similar/nearest.ts'
import { createShelf } from '#shared/domain/similar/shelf.ts'

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let [dot, left, right] = [0, 0, 0]
  for (let at = 0; at < a.length; at++) {
    dot += a[at]! * b[at]!
    left += a[at]! ** 2
    right += b[at]! ** 2
  }
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right)
}
const byte = fc.integer({ min: -127, max: 127 })

describe('a shelf of vectors', () => {
  it('gives the cosine of every row, whatever the width and however rows were added', () => {
    const rows = fc
      .integer({ min: 1, max: 70 })
      .chain((width) =>
        fc.tuple(
          fc.constant(width),
          fc.array(fc.array(byte, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 30 }),
          fc.array(byte, { minLength: width, maxLength: width }),
          fc.integer({ min: 1, max: 30 }),
        ),
      )
    fc.assert(
      fc.property(rows, ([width, vectors, query, cut]) => {
        const shelf = createShelf(width)
        for (const part of [vectors.slice(0, cut), vectors.slice(cut)]) shelf.add(Int8Array.from(part.flat()))
        expect(shelf.rows).toBe(vectors.length)
        shelf.compare(Int8Array.from(query), (cosines, first) => {
          expect(first).toBe(0)
          vectors.forEach((vector, row) => expect(cosines[row]).toBeCloseTo(cosine(vector, query), 5))
        })
        vectors.forEach((vector, row) => expect([...shelf.row(row)]).toEqual(vector))
      }),
      { numRuns: 60 },
    )
  })

  it('goes on over blocks of memory, and takes the largest sums there are', () => {
    const shelf = createShelf(16)
    const block = new Int8Array(50_000 * 16).fill(127)
    shelf.add(block)
    shelf.add(block.map((_, at) => (at % 16 === 3 ? -127 : 1)))
    const seen: [number, number][] = []
    shelf.compare(new Int8Array(16).fill(127), (cosines, first) => {
      seen.push([first, cosines.length])
      for (let row = 0; row < cosines.length; row += 997)
        expect(cosines[row]).toBeCloseTo(
          first + row < 50_000 ? 1 : cosine(shelf.row(first + row), block.subarray(0, 16)),
          5,
        )
    })
    expect(seen).toEqual([
      [0, 65_536],
      [65_536, 34_464],
    ])
  })
})

describe('directions', () => {
  it('keep the cosine to within a hundredth', () => {
    const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 384, maxLength: 384 })
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        const [left, right] = [a, b].map((one) => toDirections(Float32Array.from(one), 384))
        expect(Math.abs(cosine(a, b) - cosine(left!, right!))).toBeLessThan(0.01)
      }),
      { numRuns: 50 },
    )
    expect([...toDirections(Float32Array.of(0, 0, NaN, 1, Infinity, 1), 2)]).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('the nearest', () => {
  it('are the greatest, ties by row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 })),
        fc.integer({ min: 1, max: 12 }),
        (values, most) => {
          const nearest = createNearest(most)
          values.forEach((value, row) => nearest.offer(row, value))
          const sorted = values
            .map((value, row) => ({ row, value }))
            .sort((a, b) => b.value - a.value || a.row - b.row)
          expect(nearest.finish()).toEqual(sorted.slice(0, most))
        },
      ),
    )
  })
})

describe('groups', () => {
  it('are those that the vectors were drawn from, and the same for the same seed', () => {
    const random = seeded(3)
    const width = 32
    const middles = Array.from({ length: 4 }, () =>
      Float32Array.from({ length: width }, () => random() - 0.5),
    )
    const shelf = createShelf(width)
    const from: number[] = []
    for (let row = 0; row < 2000; row++) {
      // Groups of unlike size: 1, 2, 3 and 4 tenths.
      const own = [0, 1, 1, 2, 2, 2, 3, 3, 3, 3][row % 10]!
      from.push(own)
      shelf.add(
        toDirections(
          middles[own]!.map((one) => one + (random() - 0.5) * 0.2),
          width,
        ),
      )
    }
    const members = Uint32Array.from(from.keys())
    const settings = { count: 4, seed: 1, keep: 20 }
    const groups = groupRows(shelf, members, settings)
    expect(groups.map(({ rows }) => rows)).toEqual([800, 600, 400, 200])
    groups.forEach(({ nearest, closeness }, at) => {
      expect(new Set(nearest.map((row) => from[row]))).toEqual(new Set([3 - at]))
      expect(closeness).toBeGreaterThan(0.9)
    })
    expect(groupRows(shelf, members, settings)).toEqual(groups)
    expect(groupRows(shelf, Uint32Array.of(0, 10, 20), { ...settings, count: 9 }).length).toBeLessThanOrEqual(
      3,
    )
  })
})
