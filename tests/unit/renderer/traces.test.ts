import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barsOf } from '#renderer/features/traces/bins.ts'
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
  it('select exactly the values that they count', () => {
    const bins = [
      { from: 0, to: 3, count: 5, least: 0, most: 2 },
      { from: 3, to: 6, count: 2, least: 4, most: 4 },
      { from: 6, to: 8, count: 0, least: null, most: null },
    ]
    const bars = barsOf('verification', { kind: 'numbers', bins, missing: 0 }, { correct: true })
    expect(bars.map(({ filter }) => filter.behaviours![0])).toEqual([
      { behaviour: 'verification', unit: 'steps', min: 0, max: 2 },
      { behaviour: 'verification', unit: 'steps', min: 4, max: 4 },
      { behaviour: 'verification', unit: 'steps', min: 6, max: 8 },
    ])
    expect(bars.every(({ filter }) => filter.correct === true)).toBe(true)
  })

  it('take the place of what was asked of the same column', () => {
    const filter = {
      behaviours: [
        { behaviour: 'verification' as const, min: 9 },
        { behaviour: 'backtracking' as const, min: 1 },
      ],
    }
    const histogram = {
      kind: 'numbers' as const,
      bins: [{ from: 4, to: 4, count: 1, least: 4, most: 4 }],
      missing: 0,
    }
    expect(barsOf('verification', histogram, filter)[0]!.filter.behaviours).toEqual([
      { behaviour: 'backtracking', min: 1 },
      { behaviour: 'verification', unit: 'steps', min: 4, max: 4 },
    ])
    expect(barsOf('run', { kind: 'names', names: [{ name: 'dpo', count: 3 }], missing: 0 }, {})[0]).toEqual({
      label: 'dpo',
      count: 3,
      filter: { runs: ['dpo'] },
    })
  })
})
