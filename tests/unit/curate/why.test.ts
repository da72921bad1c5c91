import { describe, expect, it } from 'vitest'
import { createScan, requireRecipe } from '#shared/domain/curate/index.ts'
import { CONTEXT, generated, trace } from './traces.ts'

const funnelOf = (filters: string, traces: ReturnType<typeof generated>) => {
  const scan = createScan(requireRecipe(`recipe: 1\nname: x\nfilters: ${filters}\n`, 'x'), CONTEXT)
  for (const one of traces) scan.add(one)
  return scan.funnel()
}
const MIXED = () => [
  ...generated({ count: 12, seed: 'a', behaviours: [['verification', 'backtracking']] }),
  ...generated({ count: 4, seed: 'b', behaviours: [['verification']] }),
]

describe('a filter that lets nothing pass', () => {
  it('says what shows in the traces that reach it, and what to use instead', () => {
    const [, step] = funnelOf('[{ only: [backtracking] }]', MIXED())
    expect(step!.kept).toBe(0)
    expect(step!.why).toContain('Of the 16 traces that come here')
    expect(step!.why).toContain('verification in 16, backtracking in 12')
    expect(step!.why).toContain('exactly verification + backtracking (12)')
    expect(step!.why).toContain('--behaviours backtracking.')
  })

  it('counts only what reached it, and is silent where enough pass or it is about something else', () => {
    const steps = funnelOf('[{ only: [verification] }, { only: [] }, { correct: false }]', MIXED())
    expect(steps[1]).toEqual({ name: 'verification, nothing else', kept: 4 })
    expect(steps[2]!.why).toContain('Of the 4 traces')
    expect(steps[2]!.why).toContain('--behaviours none.')
    expect(steps[3]).toEqual({ name: 'incorrect', kept: 0 })
  })

  it('asks for a classification where nothing is known', () => {
    const [, step] = funnelOf('[{ behaviours: { backtracking: { min: 1 } } }]', [trace(), trace()])
    expect(step!.why).toMatch(/classify them first/)
  })
})
