import { describe, expect, it } from 'vitest'
import { readArithmetic } from '#shared/domain/features/arithmetic.ts'
import { createTokens, tokenize } from '#shared/domain/features/tokens.ts'

function read(text: string, lastResult = NaN) {
  const tokens = createTokens()
  tokenize(text, 0, text.length, tokens)
  return readArithmetic(tokens, lastResult)
}

describe('arithmetic', () => {
  it.each([
    ['so 3 + 4 * 2 = 11.', 1, 0, 11],
    ['(71 − 41) + 17 = 30 + 17 = 47', 2, 0, 47],
    ['5 × 5 = 26', 0, 1, 26],
    ['22/7 ≈ 3.14', 1, 0, 3.14],
    ['2 + 2 ≠ 5', 1, 0, 5],
    ['-(3 - 5) = 2', 1, 0, 2],
    ['1 / 0 = 4', 0, 0, 4],
  ])('judges %s', (text, right, wrong, result) => {
    expect(read(text)).toMatchObject({ right, wrong, result })
  })

  it('goes on from the result before when a step opens with an equals sign', () => {
    expect(read('= 13', 13)).toMatchObject({ right: 1, wrong: 0 })
    expect(read('= 14', 13)).toMatchObject({ right: 0, wrong: 1 })
    expect(read('= 14')).toMatchObject({ right: 0, wrong: 0 })
  })

  it('finds nothing in prose and in broken expressions', () => {
    for (const text of ['There are 5 cards.', '(((', '3 + = ', '- ) 4 (', '']) {
      expect(read(text)).toMatchObject({ right: 0, wrong: 0 })
    }
  })

  it('recognises an expression, and its numbers in another order', () => {
    expect(read('try 3 * (4 + 5)').expression).toBe(read('again 3 * (4 + 5) = 27').expression)
    expect(read('5 + 4 * 3').leaves).toBe(read('3 * (4 + 5)').leaves)
    expect(read('5 + 4 * 3').expression).not.toBe(read('3 * (4 + 5)').expression)
    expect(read('12 - 5', 12).usesLast).toBe(true)
    expect(read('12 - 5', 13).usesLast).toBe(false)
  })

  it('survives very deep nesting', () => {
    const deep = `${'('.repeat(100_000)}1${')'.repeat(100_000)} = 1`
    expect(read(deep).right).toBe(0)
  })
})
