import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { equivalent, loadLatexParser, type ParseLatex } from '#shared/domain/answers/index.ts'

let parse: ParseLatex
beforeAll(async () => {
  parse = await loadLatexParser()
})

/** Both directions at once; they must agree. */
const same = (a: string, b: string): boolean => {
  const [there, back] = [equivalent(a, b, parse), equivalent(b, a, parse)]
  expect(there, `${a} | ${b}`).toEqual(back)
  return there.equal
}

describe('bare commas between three digits', () => {
  it.each([
    ['120,240\\text{ and }360', '120, 240, 360'],
    ['100,200,\\text{ and }300', '100, 200, 300'],
    ['120,240, 0', '120, 240, 0'],
    ['\\{100,200, 300\\}', '\\{100, 200, 300\\}'],
    ['(2,100, 300)', '(2, 100, 300)'],
    ['x=120,240', '120, 240'],
    ['x=120,240', 'x=120 \\text{ or } x=240'],
    ['120,240', '\\{240, 120\\}'],
    // As thousands
    ['120,240\\text{ and }360', '120240, 360'],
    ['(2,100, 300)', '(2100, 300)'],
    ['x=120,240', '120240'],
    ['1,234', '1, 234'],
  ])('%s may be %s', (a, b) => expect(same(a, b)).toBe(true))

  it.each([
    ['1,000, 2', '1, 0, 2'],
    ['1,000, 2', '1, 000, 2'],
    ['x=1,000', '1, 0'],
    ['120,240, 360', '120, 240360'],
    ['120,240, 360', '120, 240, 361'],
    ['(2,100, 300)', '(100, 2, 300)'],
    ['x=120,240', '120, 241'],
  ])('%s is not %s', (a, b) => expect(same(a, b)).toBe(false))

  it('separate whatever stands between the other items, and make no other list the same', () => {
    const forms = [
      { open: '', close: '', separators: [',', ', ', '; ', ' and ', '\\text{ and }', ',\\text{ and }'] },
      { open: 'x = ', close: '', separators: [',', ', ', '; '] },
      { open: '\\{', close: '\\}', separators: [',', ', '] },
      { open: '(', close: ')', separators: [',', ', '] },
    ]
    const number = fc.integer({ min: 1, max: 998 })
    const numbers = fc.array(fc.tuple(number, fc.nat()), { minLength: 2, maxLength: 5 })
    fc.assert(
      fc.property(numbers, fc.nat(3), fc.nat(), (list, form, changed) => {
        const { open, close, separators } = forms[form]!
        const values = list.map(([value]) => value)
        const written = list
          .map(([value, pick], at) =>
            at === 0 ? `${value}` : `${separators[pick % separators.length]}${value}`,
          )
          .join('')
        const clear = (all: number[]) => (form === 1 ? all.join(', ') : `${open}${all.join(', ')}${close}`)
        expect(same(`${open}${written}${close}`, clear(values)), written).toBe(true)
        // The sum of its digits differs from that of every reading.
        const other = values.map((value, at) => (at === changed % values.length ? value + 1 : value))
        expect(same(`${open}${written}${close}`, clear(other)), written).toBe(false)
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  it('are compared alike in both directions', () => {
    const token = fc.constantFrom(
      ...'120 240 000 1 x= ( ) \\{ \\} ; cm'.split(' '),
      ',',
      ', ',
      ' and ',
      ',120',
    )
    const text = fc.array(token, { minLength: 1, maxLength: 8 }).map((tokens) => tokens.join(''))
    fc.assert(
      fc.property(text, text, (a, b) => {
        same(a, b)
      }),
      { numRuns: 1000, seed: 7 },
    )
  })
})
