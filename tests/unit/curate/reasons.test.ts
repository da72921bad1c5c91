import { describe, expect, it } from 'vitest'
import { createScan, requireRecipe, type CurateTrace } from '#shared/domain/curate/index.ts'
import { CONTEXT, generated, trace } from './traces.ts'

function droppedBy(body: string, traces: readonly CurateTrace[], reasons = true) {
  const scan = createScan(requireRecipe(`recipe: 1\nname: x\n${body}\n`, 'x'), { ...CONTEXT, reasons })
  for (const one of traces) scan.add(one)
  return scan.funnel().at(-1)!.dropped
}

describe('why traces are dropped', () => {
  it('counts what was found in them, the most frequent first, each with a trace to look at', () => {
    const traces = [
      ...generated({ count: 3, seed: 'a', behaviours: [['verification', 'backtracking']] }),
      ...generated({ count: 5, seed: 'b', behaviours: [[]] }).map((one) => ({ ...one, id: one.id + 10 })),
      trace({ id: 20 }),
    ]
    expect(droppedBy('filters: [{ only: [backtracking] }]', traces)).toEqual([
      { why: 'shows no behaviour', count: 5, traceId: 11 },
      { why: 'shows verification + backtracking', count: 3, traceId: 1 },
      { why: 'neither labels nor predictions', count: 1, traceId: 20 },
    ])
    expect(droppedBy('filters: [{ only: [backtracking] }]', traces, false)).toBeUndefined()
  })

  it.each([
    ['{ correct: true }', { correct: false }, 'incorrect'],
    ['{ truncated: false }', { truncated: true }, 'cut off'],
    ['{ answered: true }', { response: '<think>\nHm.' }, 'no answer'],
    ['{ length: { of: prompt, in: characters, max: 5 } }', {}, 'prompt of 18 characters'],
    ['{ field: run, is: other }', {}, 'run is "run"'],
    ['{ field: metadata.level, min: 2 }', {}, 'metadata.level is missing'],
    ['{ field: metadata.level, min: 2 }', { metadata: { level: 1 } }, 'metadata.level is 1'],
    ['{ not: { correct: true } }', {}, 'correct'],
    ['{ any: [{ truncated: true }, { correct: false }] }', {}, 'complete; and correct'],
    ['{ problem: { drop: [proof] } }', { prompt: 'Prove that 2 is even.' }, 'proof'],
  ] as const)('%s says what it found', (filter, given, why) => {
    expect(droppedBy(`filters: [${filter}]`, [trace({ id: 7, ...given })])).toEqual([
      { why, count: 1, traceId: 7 },
    ])
  })

  it('of duplicates names the trace that came before', () => {
    const traces = [trace({ id: 3 }), trace({ id: 4 })]
    const [equal] = droppedBy('filters: [{ unique: response }]', traces)!
    expect(equal).toEqual({ why: 'the same as trace 3', count: 1, traceId: 4 })
    const [near] = droppedBy('filters: [{ unique: { near: 0.8 } }]', traces)!
    expect(near).toEqual({ why: 'nearly equal to trace 3', count: 1, traceId: 4 })
  })

  it('names the change to the text that leaves nothing to learn', () => {
    const [lost] = droppedBy('transforms: [{ think: normalise }, { truncate: { steps: 0 } }]', [trace()])!
    expect(lost!.why).toBe('nothing is left to learn after “end at step 0”')
  })

  it('counts each of many different findings, and tells the first six', () => {
    const traces = Array.from({ length: 40 }, (_, at) => trace({ id: at + 1, prompt: 'a'.repeat(at + 10) }))
    const told = droppedBy('filters: [{ length: { of: prompt, in: characters, max: 5 } }]', traces)!
    expect(told).toHaveLength(6)
    expect(told[0]).toEqual({ why: 'prompt of 10 characters', count: 1, traceId: 1 })
  })
})
