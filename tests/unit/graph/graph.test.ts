import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { graphJson } from '#shared/domain/graph/json.ts'
import { findLoops, foldedSteps, loopEnd } from '#shared/domain/graph/loops.ts'
import { measure } from '#shared/domain/graph/measures.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { expectSound, graphOf } from './support.ts'

const SENTENCES = [
  'Let me think about the areas.',
  'Maybe it is 12 × 3 = 36.',
  'Wait, that is wrong.',
  'Alternatively, use vectors.',
  'Check: 12 × 3 = 36, which works.',
  'Case 1: n is even.',
  'Case 2: n is odd.',
  'So the answer is 36.',
  'Moving to Node #0,1',
  'Generated Node #0,0: 24:[3, 8] Operation: 4-1=3',
  '</Path><Parallel><Path>',
  '😀 and a lone \ud800 too.',
]
const trace = fc
  .array(fc.tuple(fc.constantFrom(...SENTENCES), fc.constantFrom(' ', '\n', '\n\n')), { maxLength: 60 })
  .map((parts) => parts.flat().join(''))
const behaviours = fc.infiniteStream(fc.nat(15)).map((stream) => (steps: number) => {
  const shown = new Uint8Array(steps * 4)
  for (let step = 0; step < steps; step++) {
    const bits = stream.next().value as number
    for (let bit = 0; bit < 4; bit++) shown[step * 4 + bit] = (bits >>> bit) & 1
  }
  return shown
})
const prompt = fc.constantFrom('', 'Using the numbers [12, 3, 4], create an equation that equals 36.')

describe('any graph', () => {
  it('covers every step once, is a tree and acyclic apart from returns, and is the same twice', () => {
    fc.assert(
      fc.property(trace, behaviours, prompt, (text, flags, asked) => {
        const bounds = segment(text)
        const input = { text, bounds, shown: flags(bounds.length / 2), prompt: asked, metadata: {} }
        const graph = buildGraph(input)
        expectSound(graph, bounds)
        expect(buildGraph(input)).toEqual(graph)
        const measures = measure(graph, text, bounds, input.shown)
        const line = graphJson(graph, measures, createOffsetConverter(text, 'code_points'))
        for (const { start, end } of line.nodes) expect(start <= end && end <= [...text].length).toBe(true)
        expect(measures.abandoned_share >= 0 && measures.abandoned_share <= 1).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('refuses behaviours that do not fit the steps', () => {
    const shown = new Uint8Array(4)
    expect(() =>
      buildGraph({ text: 'One. Two.', bounds: segment('One. Two.'), shown, prompt: '', metadata: {} }),
    ).toThrow('4 flags are not four for each of 2 steps')
  })
})

const V = 0
const B = 1
/** The graph of steps, one a line, with behaviours by step. */
function inferred(lines: readonly string[], flags: Record<number, number[]>) {
  const text = lines.join('\n')
  const bounds: number[] = []
  let at = 0
  for (const line of lines) {
    bounds.push(at, at + line.length)
    at += line.length + 1
  }
  const shown = new Uint8Array(lines.length * 4)
  for (const [step, list] of Object.entries(flags))
    for (const behaviour of list) shown[Number(step) * 4 + behaviour] = 1
  return graphOf(text, { bounds: Uint32Array.from(bounds), shown })
}

describe('an inferred graph', () => {
  const LINES = [
    'I need a word for the ocean that is like peak for mountain.',
    'Maybe the word is shore.',
    'A shore is an edge, not a bottom.',
    "That doesn't fit.",
    'Alternatively, maybe the word is trench.',
    'A trench is the deepest part of the ocean.',
    'Let me check: a peak is the highest part.',
    'That matches.',
    'So the answer is trench.',
  ]
  const graph = inferred(LINES, { 3: [V, B], 4: [B], 6: [V], 7: [V] })

  it('hangs a turn from where it returns to, and declares the return', () => {
    expect(graph.method).toBe('inferred')
    const turn = graph.nodes.find(({ kind }) => kind === 'attempt')!
    const edge = graph.edges.find(({ type }) => type === 'returns_to')!
    expect(edge).toMatchObject({ from: turn.id, to: turn.parent })
    expect(edge.steps![0]).toBe(3)
    expect(edge.steps![1]).toBeLessThan(3)
    expect(turn.parent).toBeLessThan(graph.owner[2]!)
  })

  it('keeps a run of checks together and points at what they check', () => {
    expect(graph.owner[6]).toBe(graph.owner[7])
    const check = graph.edges.find(({ type, from }) => type === 'verifies' && from === graph.owner[6])!
    expect(graph.nodes[check.from]!.kind).toBe('check')
    expect(check.to).toBe(graph.owner[5])
  })

  it('tells what the answer rests on from what was dropped', () => {
    const fate = (step: number) => graph.nodes[graph.owner[step]!]!.fate
    expect(fate(8)).toBe('answer')
    expect(fate(5)).toBe('answer')
    expect(fate(2)).toBe('refuted')
  })

  it('hangs numbered cases side by side', () => {
    const { nodes, owner } = inferred(
      ['We split by parity.', 'Case 1: n is even.', 'Then n = 2k.', 'Case 2: n is odd.', 'Then n = 2k + 1.'],
      {},
    )
    expect(nodes[owner[1]!]).toMatchObject({ kind: 'case', parent: owner[0] })
    expect(nodes[owner[3]!]).toMatchObject({ kind: 'case', parent: owner[0] })
    expect(owner[2]).toBe(owner[1])
  })
})

describe('loops', () => {
  it('are found wherever a block follows itself, and folded after their first round', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 3, max: 20 }),
        fc.nat(5),
        fc.nat(5),
        (period, rounds, before, after) => {
          // Steps outside the block and within it are all different.
          const block = Array.from({ length: period }, (_, at) => 1000 + at)
          const hashes = Int32Array.from([
            ...Array.from({ length: before }, (_, at) => at),
            ...Array.from({ length: rounds }, () => block).flat(),
            ...Array.from({ length: after }, (_, at) => 500 + at),
          ])
          const loops = findLoops(hashes)
          expect(loops).toEqual([{ first: before, period, rounds }])
          expect(loopEnd(hashes, loops[0]!)).toBe(before + period * rounds)
          expect(foldedSteps(hashes, loops).reduce((sum, step) => sum + step, 0)).toBe(period * (rounds - 1))
        },
      ),
    )
  })

  it('are not seen in two rounds of a short block, but in two of a long one', () => {
    expect(findLoops(Int32Array.of(1, 2, 1, 2, 3))).toEqual([])
    const long = [1, 2, 3, 4, 5, 6, 7, 8]
    expect(findLoops(Int32Array.from([...long, ...long]))).toEqual([{ first: 0, period: 8, rounds: 2 }])
  })

  it('count once in the shape, with the raw counts beside it', () => {
    const text = `Start here.\n${'Try this.\nNo luck.\n'.repeat(10)}The answer is 4.`
    const graph = graphOf(text)
    const bounds = segment(text)
    const measures = measure(graph, text, bounds, new Uint8Array(bounds.length * 2))
    expect(measures).toMatchObject({ loops: 1, raw: { steps: 22, folded_steps: 18 } })
    expect(measures.raw.nodes).toBeGreaterThan(measures.nodes)
  })
})

describe('measures', () => {
  it('of a trace that can be counted by hand', () => {
    const text =
      'Try:\n98 − 96 = 3\nTry:\n98 − 96 = 2\n2 + 34 = 36 → Too high\nTry:\n34 + 1 = 35\n<answer>34 + 1</answer>'
    const graph = graphOf(text, {
      prompt: 'Using the numbers [98, 96, 34, 1], create an equation that equals 35.',
    })
    const bounds = segment(text)
    const shown = new Uint8Array(bounds.length * 2)
    shown[4 * 4] = 1
    expect(measure(graph, text, bounds, shown)).toMatchObject({
      nodes: 6,
      depth: 2,
      branching: 1.666667,
      dead_ends: 2,
      equations: 4,
      wrong_equations: 1,
      repairs: { wrong_to_right: 1, right_to_wrong: 0, changed: 0 },
      first_backtrack: Math.round((text.indexOf('Try', 5) / text.length) * 1e6) / 1e6,
      longest_stretch: 4,
      loops: 0,
    })
  })

  it('tell of a turn away from an operation, and of none where operations follow one another', () => {
    const first = (text: string) => {
      const prompt = 'Using the numbers [8, 3, 5], create an equation that equals 19.'
      const bounds = segment(text)
      const graph = graphOf(text, { prompt })
      return measure(graph, text, bounds, new Uint8Array(bounds.length * 2)).first_backtrack
    }
    const [tried, turned] = ['Try 8 * 3 = 24.\n24 + 5 = 29. Not 19.\n', '24 - 5 = 19. That works.\n']
    expect(first(tried + turned)).toBeCloseTo(tried.length / (tried + turned).length, 6)
    expect(first(tried)).toBeNull()
  })
})
