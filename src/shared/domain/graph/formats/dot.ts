import type { GraphEdge, GraphNode, ReasoningGraph } from '../types.ts'
import { nodeText } from '../view/text.ts'

const STROKES: Record<GraphNode['fate'], string> = {
  answer: 'color="#256468", penwidth=2.4',
  refuted: 'color="#c9c2b6", fontcolor="#6b665c"',
  abandoned: 'color="#c9c2b6", fontcolor="#6b665c"',
  superseded: 'color="#c9c2b6", fontcolor="#6b665c"',
  open: 'color="#8d877c"',
}
const LINES: Record<GraphEdge['type'], string> = {
  continues: 'color="#8d877c"',
  returns_to: 'color="#ad4204", style=dashed, constraint=false',
  verifies: 'color="#0a5fa5", style=dotted, constraint=false',
  part_of: 'color="#0a6b50", style=dotted, arrowhead=none, constraint=false',
}

/** A graph for Graphviz. */
export function graphDot(graph: ReasoningGraph, id: string): string {
  const nodes = graph.nodes.map((node) => {
    const { title, detail, wrong } = nodeText(node)
    const label = [title, wrong, detail].filter((part) => part !== null && part !== '').join('\n')
    return `  n${node.id} [label=${quoted(label)}, ${STROKES[node.fate]}];`
  })
  const edges = graph.edges.map(({ from, to, type }) => `  n${from} -> n${to} [${LINES[type]}];`)
  const head = `digraph ${quoted(id)} {\n  node [shape=box, style=rounded, fontname="sans-serif", fontsize=10];`
  return `${[head, ...nodes, ...edges].join('\n')}\n}\n`
}

const quoted = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/\r?\n/g, '\\n').replaceAll('\u0000', '\uFFFD')}"`
