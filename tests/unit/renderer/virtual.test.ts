import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeightIndex } from '#renderer/ui/virtual/height-index.ts'
import { createScrollMap, follow, reveal, rowsAt, settle } from '#renderer/ui/virtual/scroll-map.ts'

const ROW = 34
const VIEW = 700

describe('scroll map', () => {
  it('is one to one while the rows fit into what a browser can scroll', () => {
    const map = createScrollMap(1000, ROW, VIEW)
    expect(map.spacer).toBe(34_000)
    expect(follow(map, { scrollTop: 0, top: 0 }, 1234)).toEqual({ scrollTop: 1234, top: 1234 })
  })

  it('reaches the first and the last of a million rows', () => {
    const map = createScrollMap(1_000_000, ROW, VIEW)
    expect(map.spacer).toBeLessThan(17_000_000)
    const end = follow(map, { scrollTop: 0, top: 0 }, map.spacer - VIEW)
    expect(rowsAt(map, end, ROW).end).toBe(1_000_000)
    expect(rowsAt(map, follow(map, end, 0), ROW).first).toBe(0)
  })

  it('moves pixel by pixel while scrolling, however many rows there are', () => {
    const map = createScrollMap(1_000_000, ROW, VIEW)
    const place = settle(map, 12_345_678)
    expect(follow(map, place, place.scrollTop + 100).top).toBe(place.top + 100)
  })

  it('settles without moving what is seen, and back where it was on scrolling', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, part) => {
          const map = createScrollMap(rows, ROW, VIEW)
          const top = part * Math.max(0, map.full - VIEW)
          const place = settle(map, top)
          expect(place.top).toBeCloseTo(top)
          expect(place.scrollTop).toBeGreaterThanOrEqual(0)
          expect(place.scrollTop).toBeLessThanOrEqual(Math.max(0, map.spacer - VIEW) + 1)
        },
      ),
    )
  })

  it('reveals a row with the least movement', () => {
    const map = createScrollMap(1000, ROW, VIEW)
    expect(reveal(map, 340, 10, ROW)).toBe(340)
    expect(reveal(map, 340, 2, ROW)).toBe(68)
    expect(reveal(map, 0, 30, ROW)).toBe(31 * ROW - VIEW)
  })
})

describe('height index', () => {
  it('agrees with adding up, whatever is changed', () => {
    const heights = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 60 })
    const changes = fc.array(fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 900 })), { maxLength: 20 })
    fc.assert(
      fc.property(heights, changes, (given, edits) => {
        const index = new HeightIndex(Float64Array.from(given))
        const plain = [...given]
        for (const [at, height] of edits) {
          if (at >= plain.length) continue
          expect(index.set(at, height)).toBe(height - plain[at]!)
          plain[at] = height
        }
        let offset = 0
        plain.forEach((height, row) => {
          expect(index.offset(row)).toBe(offset)
          expect(index.rowAt(offset)).toBe(row)
          expect(index.rowAt(offset + height - 1)).toBe(row)
          offset += height
        })
        expect(index.total).toBe(offset)
        expect(index.rowAt(-1)).toBe(0)
        expect(index.rowAt(offset + 99)).toBe(plain.length - 1)
      }),
    )
  })
})
