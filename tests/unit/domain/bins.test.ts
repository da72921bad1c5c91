import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBins } from '#shared/domain/bins.ts'

const values = (whole: boolean) =>
  fc.uniqueArray(
    whole ? fc.integer({ min: -500, max: 100_000 }) : fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )

const given = fc
  .boolean()
  .chain(values)
  .chain((list) =>
    fc.tuple(fc.constant(list), fc.array(fc.nat(40), { minLength: list.length, maxLength: list.length })),
  )
  .map(([list, counts]) => ({ values: Float64Array.from(list).sort(), counts: Uint32Array.from(counts) }))

describe('bins', () => {
  it('count every value once, and select with their bounds just what they count', () => {
    fc.assert(
      fc.property(given, fc.integer({ min: 2, max: 40 }), (column, most) => {
        const bins = toBins(column.values, column.counts, most)
        expect(bins.length).toBeLessThanOrEqual(most)
        for (const { count, least, most: greatest } of bins) {
          if (least === null || greatest === null) expect(count).toBe(0)
          else {
            const within = [...column.values].flatMap((value, at) =>
              value >= least && value <= greatest ? [column.counts[at]!] : [],
            )
            expect(within.reduce((sum, one) => sum + one, 0)).toBe(count)
          }
        }
        const total = column.counts.reduce((sum, one) => sum + one, 0)
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(total)
      }),
    )
  })

  it('give whole numbers whole widths, and one value one bin', () => {
    const bins = toBins(Float64Array.of(0, 1, 2, 3, 4, 5, 6), Uint32Array.of(1, 1, 1, 1, 1, 1, 1), 4)
    expect(bins.map(({ from, count }) => [from, count])).toEqual([
      [0, 2],
      [2, 2],
      [4, 2],
      [6, 1],
    ])
    expect(toBins(Float64Array.of(0.5), Uint32Array.of(9), 16)).toEqual([
      { from: 0.5, to: 0.5, count: 9, least: 0.5, most: 0.5 },
    ])
    expect(toBins(new Float64Array(), new Uint32Array(), 16)).toEqual([])
  })

  it('do not let a few extremes flatten the rest', () => {
    const values = Float64Array.from([...Array(100).keys(), 10_000_000])
    const bins = toBins(
      values,
      Uint32Array.from(values, () => 10),
      16,
    )
    expect(bins.slice(0, -1).every(({ count }) => count > 0)).toBe(true)
    expect(bins.at(-1)).toMatchObject({ count: 10, least: 10_000_000, most: 10_000_000 })
  })
})
