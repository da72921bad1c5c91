import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOffsetConverter } from '#shared/domain/offsets.ts'

/** Strings of any UTF-16 units: ASCII, accents, astral characters, lone surrogates, and long runs. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'é', '€', '😀', '𝔸', '\ud83d', '\ude00', '\n', '\ufffd'),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.tuple(fc.constantFrom('x', 'ß', '😀'), fc.nat(90)).map(([part, times]) => part.repeat(times)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

/** UTF-16 offsets that do not fall inside a pair. */
function boundaries(text: string): number[] {
  const offsets = [0]
  for (const character of text) offsets.push(offsets.at(-1)! + character.length)
  return offsets
}

const NAIVE = {
  code_points: (text: string) => [...text].length,
  utf8_bytes: (text: string) => Buffer.byteLength(text, 'utf8'),
  utf16: (text: string) => text.length,
}

/** Texts of a length near where positions are remembered that end with a pair. */
const edges = [31, 32, 33, 63, 64, 95].map((length) => `${'a'.repeat(length)}😀`)

describe.each(['code_points', 'utf8_bytes', 'utf16'] as const)('offsets in %s', (unit) => {
  it('agree with counting every prefix', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const offsets = createOffsetConverter(text, unit)
        expect(offsets.length).toBe(NAIVE[unit](text))
        const starts = boundaries(text)
        for (const [index, boundary] of [...starts.entries()].reverse()) {
          const expected = NAIVE[unit](text.slice(0, boundary))
          const next = starts[index + 1] ?? boundary + 1
          for (let inside = boundary; inside < next; inside++)
            expect(offsets.fromUtf16(inside)).toBe(expected)
          const after = NAIVE[unit](text.slice(0, next))
          for (let inside = expected; inside < after; inside++) expect(offsets.toUtf16(inside)).toBe(boundary)
        }
        expect(offsets.toUtf16(offsets.length)).toBe(text.length)
      }),
      { examples: edges.map((text) => [text] as [string]) },
    )
  })

  it('refuse what is no offset of the text', () => {
    for (const text of ['abc', 'a😀c']) {
      const offsets = createOffsetConverter(text, unit)
      for (const bad of [-1, 0.5, NaN, offsets.length + 5]) {
        expect(() => offsets.fromUtf16(bad)).toThrow(RangeError)
        expect(() => offsets.toUtf16(bad)).toThrow(RangeError)
      }
    }
  })
})

it('an offset inside a pair that ends the text, at the edge of a stride, counts as its start', () => {
  const text = 'a'.repeat(31) + '😀'
  for (const unit of ['code_points', 'utf8_bytes', 'utf16'] as const)
    expect(createOffsetConverter(text, unit).fromUtf16(32)).toBe(31)
})

it('an offset inside a character counts as its start', () => {
  const text = 'é'.repeat(40) + '😀' + 'x'.repeat(40)
  const points = createOffsetConverter(text, 'code_points')
  expect(points.fromUtf16(41)).toBe(40)
  const bytes = createOffsetConverter(text, 'utf8_bytes')
  expect(bytes.fromUtf16(41)).toBe(80)
  for (const inside of [81, 82, 83]) expect(bytes.toUtf16(inside)).toBe(40)
  expect(bytes.toUtf16(84)).toBe(42)
})

it('a lone surrogate is one code point and three bytes', () => {
  expect(createOffsetConverter('a\ud83d', 'code_points').length).toBe(2)
  expect(createOffsetConverter('a\ude00b', 'utf8_bytes').fromUtf16(2)).toBe(4)
})

it('an empty text has one offset', () => {
  for (const unit of ['code_points', 'utf8_bytes', 'utf16'] as const) {
    expect(createOffsetConverter('', unit).fromUtf16(0)).toBe(0)
  }
})
