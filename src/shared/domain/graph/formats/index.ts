import { createOffsetConverter, type OffsetConverter, type OffsetUnit } from '../../offsets.ts'
import type { GraphChange, GraphEdit, NodeRef } from '../edits.ts'
import { graphJson } from '../json.ts'
import type { Measures } from '../measures.ts'
import type { ReasoningGraph } from '../types.ts'
import { graphDot } from './dot.ts'
import { graphGraphml } from './graphml.ts'
import { graphSvg, type SvgOptions } from './svg.ts'

export const GRAPH_FORMATS = ['svg', 'json', 'graphml', 'dot'] as const
export type GraphFormat = (typeof GRAPH_FORMATS)[number]

export interface WrittenGraph {
  readonly graph: ReasoningGraph
  readonly measures: Measures
  readonly bounds: Uint32Array
  readonly shown: Uint8Array
  readonly text: string
  /** Name of the trace. */
  readonly trace: string
  readonly edits?: readonly GraphEdit[]
}

/**
 * A graph as a document; what goes in twice comes out as the same bytes. Offsets are in the unit given, which JSON
 * names; the other formats have none or no place to name it.
 */
export function writeGraph(
  format: GraphFormat,
  { graph, measures, bounds, shown, text, trace, edits = [] }: WrittenGraph,
  unit: OffsetUnit,
  options?: SvgOptions,
): string {
  if (format === 'svg') return graphSvg(graph, bounds, shown, options)
  if (format === 'dot') return graphDot(graph, trace)
  const offsets = createOffsetConverter(text, unit)
  if (format === 'graphml') return graphGraphml(graph, trace, offsets)
  const spans = edits.map(({ change, ...edit }) => ({ ...edit, change: withOffsets(change, offsets) }))
  const document = {
    trace,
    offset_unit: unit,
    ...graphJson(graph, measures, offsets),
    ...(edits.length > 0 && { edits: spans }),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function withOffsets(change: GraphChange, { fromUtf16 }: OffsetConverter): GraphChange {
  const ref = ({ id, start, end }: NodeRef): NodeRef => ({ id, start: fromUtf16(start), end: fromUtf16(end) })
  const node = ref(change.node)
  if (change.kind === 'attach') return { ...change, node, to: ref(change.to) }
  if (change.kind === 'return') return { ...change, node, to: change.to && ref(change.to) }
  return { ...change, node }
}
