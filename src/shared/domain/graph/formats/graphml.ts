import type { OffsetConverter } from '../../offsets.ts'
import type { ReasoningGraph } from '../types.ts'
import { escapeXml } from './xml.ts'

const KEYS = [
  ['node', 'kind', 'string'],
  ['node', 'label', 'string'],
  ['node', 'fate', 'string'],
  ['node', 'start', 'long'],
  ['node', 'end', 'long'],
  ['node', 'count', 'int'],
  ['node', 'state', 'string'],
  ['node', 'flags', 'string'],
  ['edge', 'type', 'string'],
  ['edge', 'confidence', 'double'],
] as const

/** A graph as GraphML (graphml.graphdrawing.org); states are JSON. Offsets in the converter's unit. */
export function graphGraphml(graph: ReasoningGraph, id: string, offsets: OffsetConverter): string {
  const data = (key: string, value: string | number | undefined) =>
    value === undefined ? '' : `<data key="${key}">${escapeXml(String(value))}</data>`
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...KEYS.map(
      ([domain, name, type]) =>
        `  <key id="${domain}.${name}" for="${domain}" attr.name="${name}" attr.type="${type}"/>`,
    ),
    `  <graph id="${escapeXml(id)}" edgedefault="directed">`,
  ]
  for (const { id: node, kind, label, fate, start, end, count, state, flags } of graph.nodes)
    lines.push(
      `    <node id="n${node}">${data('node.kind', kind)}${data('node.label', label)}${data('node.fate', fate)}` +
        `${data('node.start', offsets.fromUtf16(start))}${data('node.end', offsets.fromUtf16(end))}` +
        `${data('node.count', count)}${data('node.state', stateText(state))}${data('node.flags', flags?.join(' '))}</node>`,
    )
  for (const [at, { from, to, type, confidence }] of graph.edges.entries())
    lines.push(
      `    <edge id="e${at}" source="n${from}" target="n${to}">${data('edge.type', type)}` +
        `${data('edge.confidence', Math.round(confidence * 1e4) / 1e4)}</edge>`,
    )
  return `${[...lines, '  </graph>', '</graphml>'].join('\n')}\n`
}

/** Without the equations, whose offsets would need the unit too; they are in the JSON. */
function stateText(state: ReasoningGraph['nodes'][number]['state']): string | undefined {
  if (state === undefined) return undefined
  const { equations: _equations, ...rest } = state
  return JSON.stringify(rest)
}
