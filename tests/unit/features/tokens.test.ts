import { describe, expect, it } from 'vitest'
import { createTokens, NUMBER, SYMBOL, tokenize, WORD } from '#shared/domain/features/tokens.ts'

function read(text: string): [kind: number, text: string, value: number][] {
  const tokens = createTokens()
  tokenize(text, 0, text.length, tokens)
  return Array.from({ length: tokens.count }, (_, at) => [
    tokens.kind[at]!,
    text.slice(tokens.start[at], tokens.end[at]),
    tokens.value[at]!,
  ])
}

function hashes(text: string): number[] {
  const tokens = createTokens()
  tokenize(text, 0, text.length, tokens)
  return Array.from(tokens.hash.subarray(0, tokens.count))
}

describe('tokens', () => {
  it('tells words, numbers and symbols apart', () => {
    expect(read("Let's see: 3.5 + x2?")).toEqual([
      [WORD, "Let's", 0],
      [WORD, 'see', 0],
      [SYMBOL, ':', 0x3a],
      [NUMBER, '3.5', 3.5],
      [SYMBOL, '+', 0x2b],
      [WORD, 'x', 0],
      [NUMBER, '2', 2],
      [SYMBOL, '?', 0x3f],
    ])
  })

  it('reads thousands, and leaves a list of numbers a list', () => {
    expect(read('2,598,960').map(([, , value]) => value)).toEqual([2598960])
    expect(
      read('1,2,300')
        .filter(([kind]) => kind === NUMBER)
        .map(([, , value]) => value),
    ).toEqual([1, 2300])
    expect(read('12.').map(([, text]) => text)).toEqual(['12', '.'])
  })

  it('treats typographic and TeX signs as their ASCII forms', () => {
    expect(hashes('7 × 3 − 1 ÷ 2')).toEqual(hashes('7 * 3 - 1 / 2'))
    expect(hashes('7 \\times 3')).toEqual(hashes('7 * 3'))
    expect(hashes('That’s WRONG')).toEqual(hashes("that's wrong"))
  })

  it('skips emphasis and math delimiters', () => {
    expect(hashes('**71 − 58** = \\(13\\)')).toEqual(hashes('71 - 58 = 13'))
    expect(hashes('$x$')).toEqual(hashes('x'))
  })

  it('keeps a surrogate pair together and survives half of one', () => {
    expect(read('\u{1f600}!').map(([, text]) => text)).toEqual(['\u{1f600}', '!'])
    expect(read('\ud83d a').map(([, text]) => text)).toEqual(['\ud83d', 'a'])
  })

  it('holds more tokens than it had room for', () => {
    expect(read('a '.repeat(5000))).toHaveLength(5000)
  })
})
