import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'

const HALF = [0.5, 0.5, 0.5, 0.5]

function matrix(...columns: string[]): Float32Array {
  const steps = columns[0]!.length
  return Float32Array.from({ length: steps * 4 }, (_, at) =>
    columns[at % 4]![Math.floor(at / 4)] === '1' ? 1 : 0,
  )
}

describe('countBehaviours', () => {
  it('counts steps and maximal runs of them', () => {
    expect(countBehaviours(matrix('110111', '000000', '111111', '101010'), HALF)).toEqual({
      steps: [5, 0, 6, 3],
      episodes: [2, 0, 1, 3],
    })
  })

  it('takes a probability at the threshold, and each behaviour by its own threshold', () => {
    const { steps } = countBehaviours(new Float32Array([0.5, 0.25, 0.75, NaN]), [0.5, 0.5, 0.75, 0])
    expect(steps).toEqual([1, 0, 1, 0])
  })

  it('counts nothing in a trace without steps', () => {
    expect(countBehaviours(new Float32Array(), HALF)).toEqual({ steps: [0, 0, 0, 0], episodes: [0, 0, 0, 0] })
  })

  it('agrees with splitting the pattern of each behaviour', () => {
    const pattern = fc.array(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), { maxLength: 50 })
    fc.assert(
      fc.property(pattern, (rows) => {
        const counts = countBehaviours(Float32Array.from(rows.flat().map(Number)), HALF)
        for (const index of BEHAVIOURS.keys()) {
          const shown = rows.map((row) => (row[index] ? '1' : ' ')).join('')
          expect(counts.steps[index]).toBe(shown.replaceAll(' ', '').length)
          expect(counts.episodes[index]).toBe(shown.split(' ').filter(Boolean).length)
        }
      }),
    )
  })

  it('refuses sizes that do not fit', () => {
    expect(() => countBehaviours(new Float32Array(5), HALF)).toThrow(RangeError)
    expect(() => countBehaviours(new Float32Array(4), [0.5])).toThrow(RangeError)
  })
})
