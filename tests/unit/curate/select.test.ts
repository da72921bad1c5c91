import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Recipe, select, type Fact, type RecipeInput } from '#shared/domain/curate/index.ts'

const recipe = (sample: RecipeInput['sample'] = {}, rest: Partial<RecipeInput> = {}) =>
  Recipe.parse({ recipe: 1, name: 'a', sample, ...rest })

const fact = (given: Partial<Fact> & { id: number }): Fact => ({
  key: (given.id * 7919) % 1009,
  prompt: given.id,
  group: 'all',
  size: 100,
  characters: 100,
  counts: [0, 0, 0, 0],
  correct: true,
  from: ['predictions'],
  rows: 1,
  chosen: false,
  rejected: false,
  ...given,
})
const many = (count: number, given: (id: number) => Partial<Fact> = () => ({})) =>
  Array.from({ length: count }, (_, at) => fact({ id: at + 1, ...given(at + 1) }))

describe('drawing', () => {
  it('does not depend on the order of the source', () => {
    const facts = many(200)
    const ids = (of: readonly Fact[]) =>
      select(of, recipe({ size: 50 }), null).units.map((unit) => unit.ids[0])
    expect(ids(facts.toReversed())).toEqual(ids(facts))
    expect(ids(facts)).toHaveLength(50)
  })

  it('keeps most of a draw when the source grows', () => {
    const before = new Set(select(many(1000), recipe({ size: 100 }), null).units.map((unit) => unit.ids[0]))
    const after = select(many(1010), recipe({ size: 100 }), null).units.filter((unit) =>
      before.has(unit.ids[0]),
    )
    expect(after.length).toBeGreaterThan(90)
  })

  it('gives every stratum the same number, or its share', () => {
    const facts = many(100, (id) => ({ group: id <= 80 ? 'a' : 'b' }))
    const rows = (sample: RecipeInput['sample']) =>
      select(facts, recipe(sample), null).groups.map((group) => group.rows)
    expect(rows({ by: ['run'], balance: 'equal_rows' })).toEqual([20, 20])
    expect(rows({ by: ['run'], size: 10 })).toEqual([8, 2])
    const groups = [
      { name: 'a', where: [{ correct: true }], share: 0.25 },
      { name: 'b', where: [{ correct: true }], share: 0.75 },
    ]
    expect(rows({ groups })).toEqual([7, 19])
    expect(rows({ groups, size: 8 })).toEqual([2, 6])
  })

  it('fills equal budgets to within a row, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 30, maxLength: 100 }), (sizes) => {
        const facts = sizes.map((size, at) =>
          fact({ id: at + 1, size, group: at % 3 === 0 ? 'poor' : 'rich' }),
        )
        const { groups } = select(facts, recipe({ by: ['run'], balance: 'equal_tokens' }), null)
        const wanted = Math.min(...groups.map(({ available }) => available))
        for (const group of groups) {
          expect(group.size).toBeLessThanOrEqual(wanted)
          expect(group.size).toBeGreaterThan(wanted - 50)
        }
      }),
    )
  })
})

describe('matching lengths', () => {
  it('takes every trace once, within the tolerance', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 50, max: 500 }), { maxLength: 60 }),
        fc.array(fc.integer({ min: 50, max: 500 }), { maxLength: 60 }),
        (sizes, targets) => {
          const facts = sizes.map((size, at) => fact({ id: at + 1, size }))
          const matched = select(facts, recipe({ match: { recipe: 'other', tolerance: 0.1 } }), targets)
          const ids = matched.units.map((unit) => unit.ids[0])
          expect(new Set(ids).size).toBe(ids.length)
          expect(ids.length + matched.unmatched!).toBe(targets.length)
          for (const { size } of matched.units)
            expect(targets.some((target) => Math.abs(size - target) <= target * 0.1)).toBe(true)
        },
      ),
    )
  })

  it('finds the very lengths when they are there', () => {
    const facts = many(300, (id) => ({ size: id }))
    const targets = [10, 10, 200, 299]
    const matched = select(facts, recipe({ match: { recipe: 'other' } }), targets)
    expect(matched.units.map(({ size }) => size).sort((a, b) => a - b)).toEqual([9, 10, 200, 299])
  })
})

describe('pairs', () => {
  it('join a chosen and a rejected sample of one prompt, the nearest in length', () => {
    const facts = [
      fact({ id: 1, prompt: 1, chosen: true, size: 100 }),
      fact({ id: 2, prompt: 1, rejected: true, size: 500 }),
      fact({ id: 3, prompt: 1, rejected: true, size: 110 }),
      fact({ id: 4, prompt: 2, rejected: true }),
    ]
    const rows: RecipeInput['rows'] = {
      kind: 'pairs',
      chosen: [{ correct: true }],
      rejected: [{ correct: false }],
    }
    const { units } = select(facts, recipe({}, { rows, output: { format: 'trl_preference' } }), null)
    expect(units.map((unit) => unit.ids)).toEqual([[1, 3]])
  })
})

describe('splits', () => {
  it('never share a prompt, and come near their share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 300 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer(),
        (count, samples, seed) => {
          const facts = many(count, (id) => ({ prompt: Math.ceil(id / samples) }))
          const { units } = select(facts, recipe({}, { seed, split: { validation: 0.2, test: 0.1 } }), null)
          const prompts = Map.groupBy(units, ({ prompt }) => prompt)
          for (const group of prompts.values()) expect(new Set(group.map(({ split }) => split)).size).toBe(1)
          const share = units.filter(({ split }) => split === 'validation').length / count
          expect(Math.abs(share - 0.2) * count).toBeLessThanOrEqual(samples + 1)
          expect(units).toHaveLength(count)
        },
      ),
    )
  })
})
