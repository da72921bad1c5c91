import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWordPieces } from '#shared/domain/encoder/word-pieces.ts'

const root = resolve(import.meta.dirname, '../../..')
const tokenizer = resolve(root, 'resources/models/cairn-accurate/tokenizer.json')
const BLOCK = 4096

describe('word pieces', () => {
  const golden = JSON.parse(
    readFileSync(resolve(root, 'tests/fixtures/encoder/word-pieces.json'), 'utf8'),
  ) as { texts: [string, number[]][]; blocks: Record<string, string> }
  const pieces = createWordPieces(JSON.parse(readFileSync(tokenizer, 'utf8')) as object)

  it('are those of the reference tokenizer, id by id', () => {
    for (const [text, ids] of golden.texts) expect([text, pieces(text)]).toEqual([text, ids])
  })

  it('are those of the reference for every character there is', () => {
    const differing = Object.entries(golden.blocks).filter(([name, expected]) => {
      const block = Number(name)
      const hash = createHash('sha256')
      for (let code = block * BLOCK; code < (block + 1) * BLOCK; code++) {
        if (code >= 0xd800 && code < 0xe000) continue
        const character = String.fromCodePoint(code)
        hash.update(`${pieces(`a${character}b ${character}`).join(' ')}\n`)
      }
      return hash.digest('hex') !== expected
    })
    expect(differing).toEqual([])
  })

  it('of words are the same in any company, and lone surrogates are nothing', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/\s/u.test(text))
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(pieces(words.join(' \n'))).toEqual(words.flatMap((one) => pieces(one)))
      }),
    )
    expect(pieces('a\ud800b \udc00')).toEqual(pieces('ab'))
  })
})
