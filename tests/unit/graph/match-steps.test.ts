import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchSteps } from '#shared/domain/graph/match-steps.ts'

const stepsOf = (sentences: readonly string[]) => {
  const bounds: number[] = []
  let at = 0
  for (const sentence of sentences) {
    bounds.push(at, at + sentence.length)
    at += sentence.length + 1
  }
  return { text: sentences.join('\n'), bounds: Uint32Array.from(bounds) }
}
const match = (a: readonly string[], b: readonly string[]) => {
  const [left, right] = [stepsOf(a), stepsOf(b)]
  return matchSteps(left.text, left.bounds, right.text, right.bounds)
}
const words = fc.array(fc.constantFrom('alpha', 'beta', 'gamma', '12', '7', '+', '='), {
  minLength: 1,
  maxLength: 5,
})
const trace = fc.array(
  words.map((list) => list.join(' ')),
  { maxLength: 25 },
)

describe('steps of two traces', () => {
  it('match themselves, each its own, where every step is its own', () => {
    const unlike = Array.from({ length: 30 }, (_, at) => `word${String.fromCharCode(97 + at)} is ${at * 37}`)
    expect(match(unlike, unlike)).toEqual(unlike.map((_, at) => ({ left: at, right: at, likeness: 1 })))
  })

  it('match in order, each once, and only where they are alike', () => {
    fc.assert(
      fc.property(trace, trace, (a, b) => {
        const chain = match(a, b)
        chain.forEach(({ left, right, likeness }, at) => {
          expect(likeness).toBeGreaterThanOrEqual(0.5)
          expect(likeness).toBeLessThanOrEqual(1 + 1e-9)
          if (at === 0) return
          expect(left).toBeGreaterThan(chain[at - 1]!.left)
          expect(right).toBeGreaterThan(chain[at - 1]!.right)
        })
      }),
    )
  })

  it('find again what was put into another trace', () => {
    const a = ['Try 3 + 4 = 7.', 'Now 7 * 2 = 14.', 'So the answer is 14.']
    const b = ['Hmm.', 'Try 3 + 4 = 7.', 'Maybe 9.', 'Now 7 * 2 = 14.', 'Wait.', 'So the answer is 14.']
    expect(match(a, b).map(({ left, right }) => [left, right])).toEqual([
      [0, 1],
      [1, 3],
      [2, 5],
    ])
  })
})
