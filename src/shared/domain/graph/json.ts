import type { OffsetConverter } from '../offsets.ts'
import type { GraphEdit, NodeRef } from './edits.ts'
import type { Measures } from './measures.ts'
import type { GraphNode, ReasoningGraph } from './types.ts'

/** A graph as a line of JSON holds it, offsets in the converter's unit. */
export function graphJson(graph: ReasoningGraph, measures: Measures, offsets: OffsetConverter) {
  return {
    method: graph.method,
    nodes: graph.nodes.map((node) => nodeJson(node, offsets)),
    edges: graph.edges.map((edge) => ({ ...edge, confidence: Math.round(edge.confidence * 1e4) / 1e4 })),
    measures,
  }
}

/** A person's edit as a line of JSON holds it, offsets in the converter's unit. */
export function editJson({ change, annotator, at }: GraphEdit, offsets: OffsetConverter) {
  const ref = ({ id, start, end }: NodeRef) => ({
    id,
    start: offsets.fromUtf16(start),
    end: offsets.fromUtf16(end),
  })
  const node = ref(change.node)
  const to = 'to' in change ? { to: change.to && ref(change.to) } : {}
  return { change: { ...change, node, ...to }, annotator, at }
}

function nodeJson(
  { id, parent, start, end, kind, label, state, fate, count, flags }: GraphNode,
  offsets: OffsetConverter,
) {
  return {
    id,
    parent,
    start: offsets.fromUtf16(start),
    end: offsets.fromUtf16(end),
    kind,
    label,
    ...(state === undefined
      ? {}
      : {
          state: {
            ...state,
            ...(state.equations === undefined
              ? {}
              : {
                  equations: state.equations.map((equation) => ({
                    ...equation,
                    start: offsets.fromUtf16(equation.start),
                    end: offsets.fromUtf16(equation.end),
                  })),
                }),
          },
        }),
    fate,
    ...(count === undefined ? {} : { count }),
    ...(flags === undefined ? {} : { flags }),
  }
}
