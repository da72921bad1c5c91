import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitUp } from '#shared/domain/curate/split.ts'

/** Prompts of so many units of one row each, or of one unit with all the rows. */
function promptsOf(sizes: readonly number[], { joined = false } = {}) {
  let id = 0
  return sizes.flatMap((size, prompt) =>
    Array.from({ length: joined ? 1 : size }, () => {
      id++
      return { ids: [id], key: (id * 7919) % 1009, prompt, rows: joined ? size : 1 }
    }),
  )
}

const shares = (validation: number, test = 0) => ({ by: 'prompt', validation, test }) as const

/** Rows of each split. */
function rowsOf(...[units, split, seed]: Parameters<typeof splitUp>) {
  const division = splitUp(units, split, seed)
  const sum = (name: string) =>
    division.units.reduce((all, unit) => all + (unit.split === name ? unit.rows : 0), 0)
  return { ...division, train: sum('train'), validation: sum('validation'), test: sum('test') }
}

/** A seed by which prompt 0 comes first of 50,001. */
const FIRST_IS_LARGEST = 11_806
const SEEDS = Array.from({ length: 20 }, (_, at) => at)

describe('a split', () => {
  it('takes no prompt that is far larger than its share', () => {
    for (const seed of SEEDS)
      for (const joined of [false, true]) {
        const { train, validation } = rowsOf(promptsOf([990, 10], { joined }), shares(0.1), seed)
        expect([train, validation]).toEqual([990, 10])
      }
  })

  it('comes as near to its share as whole prompts do, or within a tenth of it', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 50, max: 90 })), {
      minLength: 2,
      maxLength: 9,
    })
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.02, max: 0.9, noNaN: true }), fc.integer(), (of, share, seed) => {
        const total = of.reduce((all, size) => all + size, 0)
        const wanted = share * total
        const { validation, train } = rowsOf(promptsOf(of), shares(share), seed)
        const miss = Math.abs(validation - wanted)
        // Every choice of prompts that leaves one to train on.
        const misses = Array.from({ length: 2 ** of.length - 1 }, (_, bits) =>
          Math.abs(of.reduce((sum, size, at) => sum + ((bits >> at) & 1) * size, 0) - wanted),
        )
        const least = Math.min(...misses)
        expect(train).toBeGreaterThan(0)
        if (miss <= wanted / 10 || miss <= least + 1e-9) return
        // The one prompt that a small set holds out rather than nothing.
        expect(least).toBeCloseTo(wanted)
        expect(validation).toBe(Math.min(...of))
        expect(validation).toBeLessThanOrEqual(total / 3)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives no prompt to two splits, and does not depend on the order of the units', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 12 }), fc.integer(), (of, seed) => {
        const units = promptsOf(of)
        const splits = (all: typeof units) =>
          new Map(splitUp(all, shares(0.2, 0.1), seed).units.map(({ ids, split }) => [ids[0], split]))
        const found = splits(units)
        expect(splits(units.toReversed())).toEqual(found)
        for (const group of Map.groupBy(units, ({ prompt }) => prompt).values())
          expect(new Set(group.map(({ ids }) => found.get(ids[0]))).size).toBe(1)
      }),
    )
  })

  it('holds nothing out where any prompt is farther from the share than nothing, and tells', () => {
    const { train, heldOut, rule } = rowsOf(promptsOf([990, 950]), shares(0.1), 1)
    expect(train).toBe(1940)
    expect(heldOut).toEqual([{ name: 'validation', wanted: 194, rows: 0 }])
    expect(rule).toBe(2)
    expect(rowsOf(promptsOf([40]), shares(0.1), 1)).toMatchObject({ train: 40, rule: 1 })
  })

  it('always leaves something to train on', () => {
    for (const seed of SEEDS)
      expect(rowsOf(promptsOf([500, 500]), shares(0.8), seed)).toMatchObject({ train: 500, validation: 500 })
  })

  it('counts rows, also where a trace makes several', () => {
    const units = promptsOf([40, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], { joined: true })
    for (const seed of SEEDS) expect(rowsOf(units, shares(0.1), seed).validation).toBe(5)
  })

  it('finds its share among very many prompts, one of which is enormous', () => {
    const sizes = [400_000, ...Array.from({ length: 50_000 }, (_, at) => 2 + (at % 7) * 2)]
    const total = sizes.reduce((all, size) => all + size, 0)
    const { validation, rule } = rowsOf(promptsOf(sizes, { joined: true }), shares(0.1), FIRST_IS_LARGEST)
    expect(rule).toBe(2)
    expect(Math.abs(validation - total / 10)).toBeLessThanOrEqual(1)
  })
})

describe('sets that were divided well before there was a second rule', () => {
  it('keep one prompt of a small set, and their splits', () => {
    // Of 8 rows 0.4 are wanted: nothing is nearer to that than one, and one is held out all the same.
    expect(rowsOf(promptsOf(Array<number>(8).fill(1)), shares(0.05), 1)).toMatchObject({
      validation: 1,
      rule: 1,
    })
    // As they were divided before: prompts of validation and test.
    const units = promptsOf(Array.from({ length: 60 }, (_, at) => 1 + (at % 4)))
    const { units: divided, rule } = splitUp(units, shares(0.2, 0.1), 7)
    const prompts = (name: string) =>
      [...new Set(divided.filter(({ split }) => split === name).map(({ prompt }) => prompt))].sort(
        (a, b) => a - b,
      )
    expect(rule).toBe(1)
    expect([prompts('validation'), prompts('test')]).toEqual([
      [3, 5, 9, 23, 28, 29, 35, 42, 44, 45, 48, 54, 57],
      [6, 11, 21, 41, 43],
    ])
  })
})
