import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segment } from '#shared/domain/segment/index.ts'
import { LONGEST_BLOCK } from '#shared/domain/segment/blocks.ts'
import { stepsOf } from './read-steps.ts'

// prettier-ignore
const FRAGMENTS = [
  '$', '$$', '\\(', '\\)', '\\[', '\\]', '\\\\', '\\begin{a}', '\\end{a}', '```', '```py', '~~~', '\n', '\r\n', '\r', '\n\n',
  ' ', '\t', '\u00a0', '\u2028', '\u3000', '\ufeff', '.', '!', '?', '...', '。', '？', '؟', '।', '"', ')', '**', '|', '<think>',
  '</think>', '<answer>', '</answer>', '<|x|>', '<', '1', '3.14', 'a', 'Wait', 'Dr', 'e.g', 'No', '- ', '# ', '\u0301', '\ufe0f', '\u200d',
  '\u{1f600}', '\ud83d', '\ude00', '\u0000',
]

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
  fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 60 }).map((parts) => parts.join('')),
  fc
    .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'grapheme', maxLength: 4 })), {
      maxLength: 40,
    })
    .map((p) => p.join('')),
)

describe('segment, any text', () => {
  it('gives ordered, disjoint, non-empty, trimmed steps with only whitespace between them', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const flat = segment(text)
        expect(flat.length % 2).toBe(0)
        let at = 0
        for (let i = 0; i < flat.length; i += 2) {
          const [start = -1, end = -1] = flat.subarray(i, i + 2)
          expect(text.slice(at, start).trim()).toBe('')
          expect(start).toBeGreaterThanOrEqual(at)
          expect(end).toBeGreaterThan(start)
          const step = text.slice(start, end)
          expect(step).toBe(step.trim())
          at = end
        }
        expect(text.slice(at).trim()).toBe('')
      }),
      { numRuns: 1500 },
    )
  })

  it('never cuts a surrogate pair or CRLF', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const at of segment(text)) {
          expect(/^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1))).toBe(false)
          expect(text.slice(at - 1, at + 1)).not.toBe('\r\n')
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps no state between calls', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const first = segment(one)
        segment(other)
        expect(segment(one)).toEqual(first)
      }),
    )
  })

  it('does not look across paragraphs, except for fences', () => {
    const paragraph = anyText.filter((text) => !/[`~]/.test(text))
    fc.assert(
      fc.property(paragraph, paragraph, (one, other) => {
        expect(stepsOf(`${one}\n\n${other}`)).toEqual([...stepsOf(one), ...stepsOf(other)])
      }),
      { numRuns: 1000 },
    )
  })

  it('gives the same steps after trimming and for either line ending', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(stepsOf(text.trim())).toEqual(stepsOf(text))
        const unix = text.replace(/\r\n?/g, '\n')
        const windows = unix.replaceAll('\n', '\r\n')
        expect(stepsOf(windows).map((step) => step.replaceAll('\r\n', '\n'))).toEqual(stepsOf(unix))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('segment, blocks', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'B', '.', ' ', '?', '1'), minLength: 1, maxLength: 12 })
  const body = fc
    .array(line, { minLength: 1, maxLength: 5 })
    .map((lines) => lines.map((l) => `x${l}`).join('\n'))

  it.each([
    ['$$\n', '\n$$'],
    ['\\[', '\\]'],
    ['\\begin{align*}', '\\end{align*}'],
    ['```py\n', '\n```'],
  ])('%j … %j closed is one step', (open, close) => {
    fc.assert(
      fc.property(body, (inner) => {
        const block = open + inner + close
        expect(stepsOf(`Before.\n${block}\nAfter.`)).toEqual(['Before.', block, 'After.'])
      }),
    )
  })

  it('does not join over more than the longest block', () => {
    const far = 'A line.\n'.repeat(Math.ceil(LONGEST_BLOCK / 8) + 1)
    expect(stepsOf(`$$\n${far}$$`).length).toBeGreaterThan(LONGEST_BLOCK / 8)
  })
})
