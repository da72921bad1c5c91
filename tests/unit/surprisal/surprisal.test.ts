import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeScores, encodeScores } from '#shared/domain/surprisal/codec.ts'
import { meanOf, meanPerStep } from '#shared/domain/surprisal/per-step.ts'
import { scoringWindows, windowOf, windowTokens } from '#shared/domain/surprisal/scoring-windows.ts'
import { tokenEnds } from '#shared/domain/surprisal/token-ends.ts'

describe('windows of a language model', () => {
  it('ask about every token once, with half a window before it where the text has that much', () => {
    const sizes = fc.record({
      length: fc.integer({ min: 0, max: 200 }),
      asked: fc.integer({ min: 0, max: 200 }),
      longest: fc.integer({ min: 2, max: 40 }),
    })
    fc.assert(
      fc.property(sizes, ({ length, asked, longest }) => {
        const ids = Array.from({ length }, (_, at) => at)
        const told: number[] = []
        for (const { ids: own, first, from } of scoringWindows(ids, asked, longest)) {
          expect(own.length).toBeLessThanOrEqual(longest)
          expect(own).toEqual(ids.slice(first, first + own.length))
          for (let at = from; at < own.length; at++) {
            told.push(first + at)
            expect(at).toBeGreaterThanOrEqual(Math.min(first + at, longest >> 1))
          }
        }
        expect(told).toEqual(ids.slice(Math.max(1, asked)))
      }),
    )
  })
})

it('a window is as long as the model reads, unless the answer would outgrow a gibibyte', () => {
  const [gpt2, llama3, qwen3, gemma3] = [50_257, 128_256, 151_936, 262_144]
  expect(windowTokens(1024, gpt2)).toBe(1024)
  expect([llama3, qwen3, gemma3].map((vocabulary) => windowTokens(4096, vocabulary))).toEqual([
    2092, 1766, 1024,
  ])
  expect(windowTokens(4096, 2 ** 40)).toBe(8)
})

it('a model keeps the window of its manifest, and where that names none, the one of early manifests', () => {
  const qwen3 = { maxTokens: 4096, vocabulary: 151_936 }
  expect(windowOf({ ...qwen3, window: 1766 })).toBe(1766)
  expect([windowOf(qwen3), windowOf({ maxTokens: 1024, vocabulary: 50_257 })]).toEqual([441, 1024])
  expect(windowOf({ maxTokens: 4096, vocabulary: 2 ** 40 })).toBe(8)
})

describe('ends of tokens', () => {
  it('by bytes follow characters of every length', () => {
    // GPT-2 writes each byte as a character; which one does not matter here.
    expect([...tokenEnds('aΔ🙂!', ['x', 'xx', 'xx', 'xxx'], true)]).toEqual([1, 2, 2, 5])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.integer({ min: 1, max: 5 })), (text, cuts) => {
        const bytes = new TextEncoder().encode(text).length
        const tokens: string[] = []
        for (let left = bytes; left > 0; left -= tokens.at(-1)!.length)
          tokens.push('x'.repeat(Math.min(left, cuts[tokens.length % cuts.length] ?? 3)))
        const ends = tokenEnds(text, tokens, true)
        for (let at = 1; at < ends.length; at++) expect(ends[at]).toBeGreaterThanOrEqual(ends[at - 1]!)
        if (ends.length > 0) expect(ends.at(-1)).toBe(text.length)
      }),
    )
  })

  it('by pieces are looked up, whatever the tokenizer made of spaces and capitals', () => {
    expect([...tokenEnds('Let me  check', ['▁Let', '▁me', '▁check'], false)]).toEqual([3, 6, 13])
    expect([...tokenEnds('Recheck it', ['re', '##check', 'it'], false)]).toEqual([2, 7, 10])
    expect([...tokenEnds('a € b', ['▁a', '▁', '<0xE2>', '<0x82>', '<0xAC>', '▁b'], false)]).toEqual([
      1, 2, 2, 2, 2, 5,
    ])
  })
})

describe('scores', () => {
  it('come back as they went, to a thousandth of a bit', () => {
    const bits = fc.option(fc.float({ min: 0, max: 60, noNaN: true }), { nil: NaN })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), bits, bits)), (tokens) => {
        let end = 0
        const scores = {
          ends: Uint32Array.from(tokens, ([length]) => (end += length)),
          surprisal: Float32Array.from(tokens, ([, one]) => one),
          entropy: Float32Array.from(tokens, ([, , one]) => one),
        }
        const packed = encodeScores(scores)
        const back = decodeScores(packed.ends, packed.values)
        expect(back.ends).toEqual(scores.ends)
        for (const key of ['surprisal', 'entropy'] as const)
          scores[key].forEach((value, at) => {
            if (Number.isNaN(value)) expect(back[key][at]).toBeNaN()
            else expect(Math.abs(back[key][at]! - value)).toBeLessThan(0.001)
          })
      }),
    )
  })

  it('have means of steps over the tokens that end in them', () => {
    const scores = { ends: Uint32Array.of(2, 4, 5, 8, 9) }
    const values = Float32Array.of(NaN, 2, 4, 6, 1)
    // The gap between the steps, token three, belongs to none.
    expect([...meanPerStep(scores, values, Uint32Array.of(0, 4, 5, 9, 9, 12))]).toEqual([2, 3.5, NaN])
    expect(meanOf(values)).toBe(13 / 4)
    expect(meanOf(new Float32Array(0))).toBeNaN()
  })
})
