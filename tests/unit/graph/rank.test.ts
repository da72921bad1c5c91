import { describe, expect, it } from 'vitest'
import { createDecider } from '#shared/domain/graph/targets/choose.ts'
import { CANDIDATE_WIDTH, WIDTH } from '#shared/domain/graph/targets/describe.ts'
import { readFacts } from '#shared/domain/graph/targets/facts.ts'
import { createRanker, type Network } from '#shared/domain/graph/targets/rank.ts'
import { seeded } from '#shared/domain/random.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { describedRows } from '../../../tools/train/graph/learn.ts'

const TEXT = `We need 24 from 3, 8 and 1. First, I will look for a product.
Maybe 3 * 8 = 24. Check: 24 * 1 = 24. That works. But wait, the 1 must be used once.
No, that is not right.

- Try 8 + 1 = 9, then 9 * 3 = 27. Too high.
- Try 8 - 1 = 7, then 7 * 3 = 21. Too low.
Alternatively, 3 * 8 * 1 = 24. Let me verify that: 3 * 8 = 24 and 24 * 1 = 24. So the answer is 3 * 8 * 1.`

function facts() {
  const bounds = segment(TEXT)
  const steps = bounds.length / 2
  // Every second step is a check, every third a turn, so that all kinds of candidates come up.
  const shown = Uint8Array.from({ length: steps * 4 }, (_, at) => {
    const step = at >> 2
    return Number([step % 2 === 1, step % 3 === 2, step % 5 === 0, step % 7 === 3][at & 3])
  })
  return readFacts(TEXT, bounds, shown)
}

function network(hidden: number): Network {
  const random = seeded(hidden)
  const weights = (length: number) => Float64Array.from({ length }, () => random() - 0.5)
  return {
    hidden,
    input: weights(WIDTH * hidden),
    bias: weights(hidden),
    output: weights(hidden),
    linear: weights(CANDIDATE_WIDTH),
  }
}

/** The network as its definition has it, feature by feature. */
function softmaxOfScores({ hidden, input, bias, output, linear }: Network, rows: Float32Array[]): number[] {
  const scores = rows.map((row) => {
    let score = 0
    for (let at = 0; at < CANDIDATE_WIDTH; at++) score += row[at]! * linear[at]!
    for (let unit = 0; unit < hidden; unit++) {
      let sum = bias[unit]!
      for (let at = 0; at < WIDTH; at++) sum += row[at]! * input[at * hidden + unit]!
      score += Math.max(0, sum) * output[unit]!
    }
    return Math.exp(score)
  })
  const total = scores.reduce((sum, score) => sum + score, 0)
  return scores.map((score) => score / total)
}

describe('ranking candidates', () => {
  it.each([8, 24, 96])('gives what the definition of a network of %i units gives', (hidden) => {
    const wanted = network(hidden)
    const { parts, decisions } = createDecider(facts())
    const rank = createRanker(wanted)(parts)
    for (const relation of ['verifies', 'returns_to'] as const) {
      const asked = decisions(relation, null)
      expect(asked.length).toBeGreaterThan(2)
      for (const decision of asked) {
        const rows = describedRows(decision, parts).map((row) => {
          const whole = new Float32Array(WIDTH)
          whole.set(row)
          whole.set(decision.query, CANDIDATE_WIDTH)
          return whole
        })
        const chances = rank(decision)
        softmaxOfScores(wanted, rows).forEach((chance, at) => expect(chances[at]).toBeCloseTo(chance, 6))
      }
    }
  })

  it('refuses units that do not fill its blocks', () => {
    expect(() => createRanker(network(12))).toThrow(RangeError)
  })
})
