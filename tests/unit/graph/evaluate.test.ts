import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLabels } from '#cli/commands/graph-eval.ts'
import { evaluateTargets } from '#shared/domain/graph/evaluate.ts'
import { decode } from '#shared/domain/graph/targets/decode.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'

describe('scoring targets', () => {
  it('counts what is labelled and measures the baselines', () => {
    const lines = ['We need a word.', 'Maybe shore.', 'No, that is wrong.', 'Maybe trench.', 'That fits.']
    const text = lines.join(' ')
    let at = 0
    const bounds = Uint32Array.from(lines.flatMap((line) => [at, (at += line.length + 1) - 1]))
    const { returns_to, verifies, baselines } = evaluateTargets([
      {
        text,
        bounds,
        annotations: [
          { step: 2, behaviours: ['verification', 'backtracking'], verifies: 1, returns_to: -1 },
          { step: 3, behaviours: ['backtracking'], returns_to: 0 },
          { step: 4, behaviours: ['verification'] },
        ],
      },
    ])
    expect([returns_to.n, verifies.n]).toEqual([2, 1])
    expect(baselines.previous_step.verifies).toEqual({ n: 1, exact: 1, within2: 1 })
    expect(baselines.previous_step.returns_to).toEqual({ n: 2, exact: 0, within2: 1 })
    expect(baselines.start_of_trace.returns_to).toEqual({ n: 2, exact: 0.5, within2: 1 })
    expect(baselines.last_branch.returns_to).toEqual({ n: 2, exact: 0.5, within2: 1 })
  })

  const scored = (step: number, chances: Record<number, number>) => ({
    step,
    candidates: Object.keys(chances)
      .map(Number)
      .sort((a, b) => a - b),
    chances: Float32Array.from(
      Object.entries(chances)
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, chance]) => chance),
    ),
  })
  const targets = (list: ReturnType<typeof scored>[], adjacent: number, apart: number) =>
    decode(list, { adjacent, apart }).map(({ target }) => target)

  it('weighs what each step says against the targets beside it, in both directions', () => {
    const list = [scored(5, { 1: 0.4, 12: 0.6 }), scored(6, { 1: 0.9, 12: 0.1 })]
    expect(targets(list, 0, 0)).toEqual([12, 1])
    expect(targets(list, 3, 0)).toEqual([1, 1])
    expect(targets([list[0]!, { ...list[1]!, step: 9 }], 3, 0)).toEqual([12, 1])
    expect(targets([list[0]!, { ...list[1]!, step: 9 }], 0, 3)).toEqual([1, 1])
  })

  it('prefers, of nearly equal targets, the one with others close by', () => {
    expect(targets([scored(30, { 3: 0.38, 18: 0.36, 19: 0.26 })], 0, 0)).toEqual([18])
    expect(targets([scored(30, { 3: 0.6, 18: 0.2, 19: 0.2 })], 0, 0)).toEqual([3])
  })

  it('gives probabilities that come of all decisions: those of a chain counted out in full', () => {
    const chain = [scored(4, { 0: 0.5, 2: 0.5 }), scored(5, { 0: 0.3, 2: 0.6, 3: 0.1 }), scored(9, { 2: 1 })]
    const [adjacent, apart] = [1.5, 0.7]
    const worth = new Map<number, number>()
    for (const [i, a] of chain[0]!.candidates.entries())
      for (const [j, b] of chain[1]!.candidates.entries())
        for (const [k, c] of chain[2]!.candidates.entries()) {
          const own = chain[0]!.chances[i]! * chain[1]!.chances[j]! * chain[2]!.chances[k]!
          const value = own * Math.exp((a === b ? adjacent : 0) + (b === c ? apart : 0))
          worth.set(a, (worth.get(a) ?? 0) + value)
        }
    const [first] = decode(chain, { adjacent, apart })
    const sum = [...worth.values()].reduce((a, b) => a + b)
    expect(first!.confidence).toBeCloseTo(worth.get(first!.target)! / sum, 6)
  })

  it.skipIf(!hasSharedData)('beats every baseline by far on traces it was not trained on', () => {
    const { returns_to, verifies, baselines } = evaluateTargets(
      readLabels(join(SHARED_DATA, 'labels/dev.jsonl')),
    )
    expect([returns_to.n, verifies.n]).toEqual([284, 1057])
    for (const { returns_to: returns, verifies: checks } of Object.values(baselines)) {
      expect(returns_to.exact).toBeGreaterThan(returns.exact + 0.3)
      expect(verifies.exact).toBeGreaterThan(checks.exact + 0.25)
    }
    expect(verifies.within2).toBeGreaterThan(0.7)
  })
})
