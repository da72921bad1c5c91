import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GRAPH_FORMATS, writeGraph, type WrittenGraph } from '#shared/domain/graph/formats/index.ts'
import { escapeXml } from '#shared/domain/graph/formats/xml.ts'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { measure } from '#shared/domain/graph/measures.ts'
import { segment } from '#shared/domain/segment/index.ts'

const part = fc.oneof(
  fc.constantFrom(
    '3 + 4 = 8.',
    'Wait, no: 3 + 4 = 7.',
    'Alternatively <b>"x" & \'y\'</b>.',
    'Let me check 🪨 \ud800 this.',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const written = fc
  .array(fc.tuple(part, fc.nat(15)), { minLength: 1, maxLength: 12 })
  .map((parts): WrittenGraph => {
    const text = parts.map(([words]) => words).join('\n\n')
    const bounds = segment(text)
    const shown = new Uint8Array(bounds.length * 2)
    parts.forEach(([, bits], step) => {
      for (let at = 0; at < 4; at++) if (step * 4 + at < shown.length) shown[step * 4 + at] = (bits >> at) & 1
    })
    const graph = buildGraph({ text, bounds, shown, prompt: 'p', metadata: {} })
    return {
      graph,
      bounds,
      shown,
      text,
      trace: 'a "trace" <1>',
      measures: measure(graph, text, bounds, shown),
    }
  })

/** Tags that are open, in order; throws where they do not nest. */
function checkNesting(xml: string): void {
  const open: string[] = []
  for (const [, end, name, rest] of xml.matchAll(/<(\/?)([a-zA-Z]+)([^>]*)>/g)) {
    if (end === '/') expect(open.pop()).toBe(name)
    else if (!rest!.endsWith('/')) open.push(name!)
  }
  expect(open).toEqual([])
}

describe('a graph as a document', () => {
  it.each(GRAPH_FORMATS)('is the same bytes again as %s', (format) => {
    fc.assert(
      fc.property(written, (graph) => {
        const copy = structuredClone(graph)
        expect(writeGraph(format, copy, 'code_points')).toBe(writeGraph(format, graph, 'code_points'))
      }),
    )
  })

  it('is XML that nests and holds every node and edge, whatever the text', () => {
    fc.assert(
      fc.property(written, (graph) => {
        const graphml = writeGraph('graphml', graph, 'code_points').replace(/^<\?xml.*\?>/, '')
        checkNesting(graphml)
        expect(graphml.match(/<node /g)).toHaveLength(graph.graph.nodes.length)
        expect(graphml.match(/<edge /g) ?? []).toHaveLength(graph.graph.edges.length)
        const svg = writeGraph('svg', graph, 'code_points')
        checkNesting(svg)
        expect(svg.match(/<text /g)).toHaveLength(graph.graph.nodes.length)
        for (const xml of [graphml, svg]) expect(xml).toBe(xml.toWellFormed())
      }),
    )
  })

  it('counts code points in JSON unless told otherwise', () => {
    const text = '🪨🪨 First, 3 + 4 = 7.\n\nWait, let me check.'
    const bounds = segment(text)
    const shown = new Uint8Array(bounds.length * 2)
    shown[(bounds.length / 2 - 1) * 4] = 1
    const graph = buildGraph({ text, bounds, shown, prompt: '', metadata: {} })
    const one = { graph, bounds, shown, text, trace: 't', measures: measure(graph, text, bounds, shown) }
    const last = graph.nodes.at(-1)!
    const read = (unit: 'code_points' | 'utf16') =>
      (JSON.parse(writeGraph('json', one, unit)) as { nodes: { start: number }[] }).nodes.at(-1)!.start
    expect(read('utf16')).toBe(last.start)
    expect(read('code_points')).toBe(last.start - 2)
  })

  it('quotes for Graphviz what would end a string', () => {
    const text = 'Say "x" \\ y.\n\nWait, "no".'
    const bounds = segment(text)
    const shown = new Uint8Array(bounds.length * 2)
    const graph = buildGraph({ text, bounds, shown, prompt: '', metadata: {} })
    const one = { graph, bounds, shown, text, trace: 'a"b', measures: measure(graph, text, bounds, shown) }
    const dot = writeGraph('dot', one, 'utf16')
    expect(dot).toMatch(/^digraph "a\\"b" \{/)
    for (const line of dot.split('\n')) expect(line.replace(/\\./g, '').split('"').length % 2).toBe(1)
  })
})

describe('text in XML', () => {
  it('loses what XML cannot hold and nothing else', () => {
    expect(escapeXml('a<b>&"\u0000\ud800🪨')).toBe('a&lt;b&gt;&amp;&quot;\uFFFD\uFFFD🪨')
  })
})
