import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFind, findAll, foldMarks } from '#renderer/features/trace/find-pattern.ts'

const db = new Database(':memory:')
// As the texts of a workspace are indexed.
db.exec("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'unicode61 remove_diacritics 2')")
const put = db.prepare('REPLACE INTO t (rowid, x) VALUES (1, ?)')
const find = db.prepare<[string], number>('SELECT count(*) FROM t WHERE t MATCH ?').pluck()

/** Whether the full-text index has the text for the query. */
function indexed(text: string, query: string): boolean {
  put.run(text)
  return find.get(query) === 1
}

/** What the find bar marks. */
function marked(text: string, query: string): string[] {
  const pattern = compileFind({ text: query, kind: 'words', matchCase: false })!
  const { hits } = findAll(foldMarks(text), pattern, 1000)
  return Array.from({ length: hits.length / 2 }, (_, at) => text.slice(hits[at * 2], hits[at * 2 + 1]))
}

describe('words of the full-text search', () => {
  it.each([
    ['a Möbius band', 'Mobius', 'Möbius'],
    ['a Mo\u0308bius band', 'mobius', 'Mo\u0308bius'],
    ['a Mobius band', 'Möbius', 'Mobius'],
    ['a Mobius band', 'Mo\u0308bius', 'Mobius'],
    ['Éloïse, Pólya', '"eloise polya"', 'Éloïse, Pólya'],
    ['by Erdős and Rényi', 'erdos*', 'Erdős'],
    ['ẮẮ 😀 Ắ', 'a', 'Ắ'],
    ['résume\u0301', 'resume', 'résume\u0301'],
  ])('in %j for %j are %j', (text, query, hit) => {
    expect(indexed(text, query)).toBe(true)
    expect(marked(text, query)).toEqual([hit])
  })

  it('are found where, and only where, the index finds them', () => {
    const unit = fc.constantFrom(...'aoöÖőǒé\u0308\u0301\u0305 .-5łøйάß가हि😀\n', 'ǟ', 'e')
    const text = fc.string({ unit, maxLength: 12 })
    const word = fc
      .string({ unit: fc.constantFrom(...'aoöé\u0308é5eǟ'), minLength: 1, maxLength: 3 })
      .map((letters) => `e${letters}`)
    const gap = fc.constantFrom('', ' ', ', ')
    fc.assert(
      fc.property(text, gap, word, gap, text, (before, left, wanted, right, after) => {
        for (const whole of [before + left + wanted + right + after, before + left + right + after])
          expect(marked(whole, wanted).length > 0).toBe(indexed(whole, `"${wanted}"`))
      }),
      { numRuns: 2000 },
    )
  })

  it('stand where they stood before letters lost their marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aö\u0308Ệ😀\ud800ø ') }), (text) => {
        const folded = foldMarks(text)
        const same = (unit: string, at: number) =>
          folded[at] === unit || folded[at] === unit.normalize('NFD')[0]
        expect([folded.length, text.split('').every(same)]).toEqual([text.length, true])
      }),
    )
  })
})
