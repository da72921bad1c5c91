import { describe, expect, it } from 'vitest'
import { selectionOf } from '#cli/import-options.ts'
import { toQuery } from '#cli/search-query.ts'

describe('options beside a workspace', () => {
  it('--run and --checkpoint select, at 0 too', () => {
    expect(selectionOf({})).toEqual({})
    expect(selectionOf({ run: 'dpo', checkpoint: 0 })).toEqual({
      runs: ['dpo'],
      checkpoint: { min: 0, max: 0 },
    })
  })

  it.each([
    { shape: 'fields' },
    { mapping: 'm.json' },
    { strict: true },
    { model: 'cairn-fast' },
    { device: 'cpu' },
  ])('what says how files are read or classified is refused: %j', (flags) => {
    expect(() => selectionOf({ run: 'dpo', ...flags })).toThrow(`--${Object.keys(flags)[0]!} says how`)
  })
})

describe('the words of a search', () => {
  it.each([
    [['double check'], '"double check"'],
    [['wait', 'NOT', 'so'], 'wait NOT so'],
    [['wait OR let'], 'wait OR let'],
    [['(wait OR let)'], '(wait OR let)'],
    [['let', 'NOT "try again"'], 'let NOT "try again"'],
    [['backtrack* again'], 'backtrack* again'],
    [['(backtrack* again)'], '(backtrack* again)'],
    [['please re-check*'], 'please re-check*'],
    [['2 * 3'], '"2 * 3"'],
    [['check **Final Answer** is'], '"check **Final Answer** is"'],
    [['the *final* answer'], '"the *final* answer"'],
    [['either or ORDER'], '"either or ORDER"'],
    [['2 * 3 AND', 'f(x) = 2'], '2 * 3 AND "f(x) = 2"'],
  ])('%j is %s', (words, query) => expect(toQuery(words)).toBe(query))
})
