import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGraph } from '#shared/domain/graph/index.ts'
import type { GraphNode } from '#shared/domain/graph/types.ts'
import { layoutTree } from '#shared/domain/graph/view/layout.ts'
import { outline, TREE_LEVELS } from '#shared/domain/graph/view/outline.ts'
import { nodeText, typeset } from '#shared/domain/graph/view/text.ts'
import { segment } from '#shared/domain/segment/index.ts'

const SENTENCES = [
  'Let me compute 3 + 4 = 7.',
  'Wait, that is not right.',
  'Let me check: 7 - 4 = 3.',
  'So the answer is 12.',
  'Alternatively, try 5 * 2 = 11.',
  'First, I need to find x.',
  'Case 1: x is even.',
  'Case 2: x is odd.',
]
const trace = fc
  .array(fc.tuple(fc.constantFrom(...SENTENCES), fc.nat(15)), { minLength: 1, maxLength: 40 })
  .map((parts) => {
    const text = parts.map(([sentence]) => sentence).join('\n\n')
    const bounds = segment(text)
    const shown = new Uint8Array(bounds.length * 2)
    parts.forEach(([, bits], step) => {
      for (let at = 0; at < 4; at++) if (step * 4 + at < shown.length) shown[step * 4 + at] = (bits >> at) & 1
    })
    return { graph: buildGraph({ text, bounds, shown, prompt: 'p', metadata: {} }), bounds }
  })

describe('the outline of a graph', () => {
  it('shows every node and every step once at every level, parents first', () => {
    fc.assert(
      fc.property(trace, fc.constantFrom(...TREE_LEVELS), ({ graph, bounds }, level) => {
        const { items, itemOfNode, itemOfStep } = outline(graph, bounds, level, new Set())
        items.forEach(({ parent }, at) => expect(parent).toBeLessThan(at))
        expect(new Set(items.map(({ key }) => key)).size).toBe(items.length)
        expect(items.reduce((sum, { nodes }) => sum + nodes, 0)).toBe(graph.nodes.length)
        itemOfNode.forEach((item) => expect(items[item]).toBeDefined())
        itemOfStep.forEach((item, step) => {
          const { first, last } = items[item]!
          expect(step).toBeGreaterThanOrEqual(first)
          expect(step).toBeLessThanOrEqual(last)
        })
        if (level === 'steps') expect(items.length).toBeGreaterThanOrEqual(bounds.length / 2)
      }),
    )
  })

  it('hides exactly what is below a folded item, and shows it in its place', () => {
    fc.assert(
      fc.property(trace, fc.nat(), ({ graph, bounds }, pick) => {
        const whole = outline(graph, bounds, 'episodes', new Set())
        const { key } = whole.items[pick % whole.items.length]!
        const part = outline(graph, bounds, 'episodes', new Set([key]))
        const { hidden } = part.items.find((item) => item.key === key)!
        expect(part.items.length + hidden).toBe(whole.items.length)
        part.itemOfNode.forEach((item) => expect(part.items[item]).toBeDefined())
      }),
    )
  })

  it('has the answer path on one line', () => {
    fc.assert(
      fc.property(trace, ({ graph, bounds }) => {
        const { items } = outline(graph, bounds, 'episodes', new Set())
        const { x } = layoutTree(items, 'down')
        items.forEach(({ fate, kind, parent }, at) => {
          if (fate !== 'answer' || parent < 0 || kind === 'check' || kind === 'loop') return
          expect(x[at]).toBe(x[parent])
        })
      }),
    )
  })
})

describe('the layout of a tree', () => {
  it('puts no two items in one place, either way', () => {
    fc.assert(
      fc.property(
        trace,
        fc.constantFrom('down' as const, 'right' as const),
        ({ graph, bounds }, direction) => {
          const { items } = outline(graph, bounds, 'steps', new Set())
          const { x, y, width, height } = layoutTree(items, direction)
          const places = new Set(items.map((_, at) => `${x[at]} ${y[at]}`))
          expect(places.size).toBe(items.length)
          expect(Math.max(...x)).toBeLessThan(width)
          expect(Math.max(...y)).toBeLessThan(height)
        },
      ),
    )
  })
})

describe('the text of a node', () => {
  const node = { id: 1, parent: 0, start: 0, end: 1, fate: 'open' as const, label: 'x' }
  it('is arithmetic as in print, with what is left', () => {
    expect(typeset('(48-35)+(15*-11)')).toBe('(48 − 35) + (15 × −11)')
    const state = { node: '0,1', numbers: [70, 32, 12], operation: '75-63=12', value: 12, claimed: 12 }
    expect(nodeText({ ...node, kind: 'node', state })).toEqual({
      ...{ title: '#0,1 75 − 63 = 12', detail: 'left 70, 32, 12', wrong: null },
    })
  })
  it('says what a wrong result should have been, and how often a loop goes round', () => {
    const state = { operation: '8*7', claimed: 54, value: 56 }
    const flags = ['wrong_arithmetic' as const]
    expect(nodeText({ ...node, kind: 'operation', state, flags })).toMatchObject({
      title: '8 × 7 = 54',
      wrong: '≠ 56',
    })
    const equation = { start: 0, end: 1, left: '8/(3-3)', right: '8/0', value: null, claimed: null }
    const divided = { operation: '8/(3-3)', value: null, equations: [{ ...equation, holds: false }] }
    expect(nodeText({ ...node, kind: 'attempt', state: divided, flags })).toMatchObject({
      title: '8 ÷ (3 − 3)',
      wrong: '8 ÷ (3 − 3) = 8 ÷ 0 ≠ nothing',
    })
    // As a number that is none comes back from JSON.
    const written = JSON.stringify({ operation: '5/0', numbers: [3, NaN], value: 8, claimed: NaN })
    const stored = JSON.parse(written) as GraphNode['state'] & object
    expect(nodeText({ ...node, kind: 'attempt', state: stored, flags })).toEqual({
      ...{ title: '5 ÷ 0', detail: 'left 3, nothing', wrong: null },
    })
    expect(nodeText({ ...node, kind: 'loop', label: 'Try:', count: 22 })).toMatchObject({
      title: 'Repeated × 22: Try:',
      detail: '',
    })
  })
})
