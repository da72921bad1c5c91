import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLabels } from '#cli/commands/graph-eval.ts'
import { evaluateTargets } from '#shared/domain/graph/evaluate.ts'
import { decode } from '#shared/domain/graph/targets/choose.ts'
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

  it('weighs staying with a target against what each step says', () => {
    const scored = [
      { step: 5, candidates: [1, 2], log: Float32Array.of(-0.1, -2) },
      { step: 6, candidates: [1, 2], log: Float32Array.of(-1, -0.5) },
    ]
    expect(decode(scored, 0).map(({ target }) => target)).toEqual([1, 2])
    expect(decode(scored, 1).map(({ target }) => target)).toEqual([1, 1])
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
