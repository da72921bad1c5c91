import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barText, filterBy, toChart } from '#renderer/features/traces/chart-bars.ts'
import { COLUMNS, columnsWith, FIXED } from '#renderer/features/traces/columns.ts'
import {
  FIRST_LAYOUT,
  moved,
  parseLayout,
  sameLayout,
  withColumn,
  withWidth,
  type Layout,
} from '#renderer/features/traces/layout.ts'
import { metadataPaths } from '#renderer/features/traces/metadata-paths.ts'
import {
  formatCondition,
  METADATA_OPERATORS,
  metadataValue,
  parseCondition,
} from '#renderer/features/traces/metadata.ts'
import { formatSelection, parseSelection } from '#renderer/features/traces/selection-url.ts'

const condition = fc.oneof(
  fc.record({ path: fc.string({ minLength: 1 }), op: fc.constant('exists' as const) }),
  fc.record({
    path: fc.string({ minLength: 1 }),
    op: fc.constantFrom(...METADATA_OPERATORS),
    value: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
  }),
)

describe('conditions on metadata', () => {
  it('survive the address', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 4 }), (metadata) => {
        expect(metadata.map((one) => parseCondition(formatCondition(one)))).toEqual(metadata)
        expect(parseSelection(formatSelection({ filter: { metadata } })).filter.metadata).toEqual(metadata)
      }),
    )
  })

  it('that make no sense are left out', () => {
    for (const text of [
      '',
      '{}',
      '[]',
      '["a"]',
      '["a","="]',
      '["a","like","b"]',
      '["a","=",{}]',
      '["","=",1]',
    ])
      expect(parseCondition(text)).toBeNull()
  })

  it('take what is typed as JSON would have it', () => {
    expect(['12', ' -1.5 ', 'true', 'null', '"12"', 'easy', ''].map(metadataValue)).toEqual([
      12,
      -1.5,
      true,
      null,
      '12',
      'easy',
      '',
    ])
  })
})

describe('bars of a distribution', () => {
  const numbers = {
    kind: 'numbers' as const,
    bins: [
      { from: 0, to: 3, count: 5, least: 0, most: 2 },
      { from: 3, to: 6, count: 2, least: 4, most: 4 },
      { from: 6, to: 8, count: 0, least: null, most: null },
    ],
    missing: 0,
  }
  const names = (...list: [string, number][]) => ({
    kind: 'names' as const,
    names: list.map(([name, count]) => ({ name, count })),
    missing: 3,
  })

  it('select exactly the values that they count', () => {
    const { bars } = toChart('length', numbers)
    expect(bars.map(({ name }) => name)).toEqual(['0 – 2', '4', '6 – 8'])
    expect(bars.map(({ wanted }) => wanted)).toEqual([
      { length: { min: 0, max: 2 } },
      { length: { min: 4, max: 4 } },
      null,
    ])
    expect(bars.map(barText)[0]).toBe('0 – 2: 5 traces')
  })

  it('divide one bar by names, with what is not known', () => {
    const { bars, kind } = toChart('correct', names(['correct', 6], ['wrong', 1]))
    expect(kind).toBe('shares')
    expect(bars.map(({ name, part, wanted }) => [name, part, wanted])).toEqual([
      ['correct', 0.6, { correct: true }],
      ['wrong', 0.1, { correct: false }],
      ['not known', 0.3, { correct: null }],
    ])
    const many = names(...Array.from({ length: 9 }, (_, at): [string, number] => [`run ${at}`, 1]))
    expect(toChart('run', many).bars.at(-2)).toMatchObject({
      name: '2 other runs',
      wanted: { runs: ['run 7', 'run 8'] },
    })
  })

  it('take the place of what was asked of the same column, and a second time take it away', () => {
    const bar = toChart('verification', numbers).bars[1]!
    const backtracking = { behaviour: 'backtracking' as const, min: 1 }
    const before = {
      correct: true,
      behaviours: [{ behaviour: 'verification' as const, min: 9 }, backtracking],
    }
    const once = filterBy(before, bar)
    expect(once).toEqual({
      correct: true,
      behaviours: [backtracking, { behaviour: 'verification', unit: 'steps', min: 4, max: 4 }],
    })
    expect(filterBy(once, bar)).toEqual({ correct: true, behaviours: [backtracking] })
    const own = toChart('own_3', numbers).bars[0]!
    const narrowed = filterBy({ own: [{ behaviour: 1, unit: 'steps', min: 2 }] }, own)
    expect(narrowed.own).toMatchObject([{ behaviour: 1 }, { behaviour: 3, unit: 'steps' }])
    expect(filterBy(narrowed, own).own).toEqual([{ behaviour: 1, unit: 'steps', min: 2 }])
    const length = toChart('length', numbers).bars[0]!
    expect(filterBy(filterBy({ runs: ['dpo'] }, length), length)).toEqual({ runs: ['dpo'] })
  })
})

describe('columns', () => {
  const ids = COLUMNS.map(({ id }) => id)
  const order = (layout: Layout) => layout.shown.join(' ')

  it('come back as they were kept, whatever else was kept with them', () => {
    const step = fc.tuple(
      fc.constantFrom(...ids),
      fc.constantFrom('show', 'hide', 'left', 'right', 'wide'),
      fc.nat(2000),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const layout = steps.reduce((now, [id, what, width]) => {
          if (what === 'wide') return withWidth(now, id, width)
          if (what === 'left' || what === 'right') return moved(now, id, what === 'left' ? -1 : 1)
          return withColumn(now, id, what === 'show')
        }, FIRST_LAYOUT)
        expect(parseLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout)
        expect(new Set(layout.shown).size).toBe(layout.shown.length)
        for (const id of FIXED) expect(layout.shown).toContain(id)
      }),
    )
    fc.assert(fc.property(fc.anything(), (stored) => parseLayout(stored).shown.includes('id')))
    expect(order(parseLayout({ shown: ['length', 'gone', 'length', 'text'], widths: { gone: 9 } }))).toBe(
      'id length text',
    )
  })

  it('of behaviours of one’s own follow the four, and wait for those that the workspace does not have', () => {
    const shown = withColumn(withColumn(FIRST_LAYOUT, 'own_7', true), 'own_2', true)
    expect(order(shown)).toContain('backward_chaining own_2 own_7 labels')
    expect(parseLayout(JSON.parse(JSON.stringify(shown)))).toEqual(shown)
    const all = columnsWith([{ id: 7, name: 'Unit check' }])
    const at = all.findIndex(({ id }) => id === 'own_7')
    expect(all[at]).toMatchObject({ title: 'Unit check', chart: 'own_7', unit: 'steps', own: 7 })
    expect(all[at - 1]!.id).toBe('backward_chaining')
    expect(all.some(({ id }) => id === 'own_7_episodes')).toBe(true)
    expect(all.some(({ id }) => id === 'own_2')).toBe(false)
  })

  it('are shown again in their place, and look the same only in the same order and width', () => {
    const without = withColumn(FIRST_LAYOUT, 'correct', false)
    expect(withColumn(without, 'correct', true)).toEqual(FIRST_LAYOUT)
    expect(sameLayout(FIRST_LAYOUT, moved(FIRST_LAYOUT, 'run', 1))).toBe(false)
    expect(sameLayout(FIRST_LAYOUT, withWidth(FIRST_LAYOUT, 'run', 200))).toBe(false)
    expect(sameLayout(FIRST_LAYOUT, withWidth(FIRST_LAYOUT, 'tokens', 200))).toBe(true)
  })
})

describe('paths of metadata', () => {
  it('lead to values, through objects and lists', () => {
    const metadata = { bucket: { level: 3, 'a.b': 1 }, scores: [0.5, 0.25], 'say "x"': 1, none: null }
    expect(metadataPaths(metadata)).toEqual(['bucket.level', 'scores[0]', 'none'])
  })
})
