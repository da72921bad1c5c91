import { basename } from 'node:path'
import type { EngineClient } from '#engine/create-engine.ts'
import type { TraceDetail } from '#shared/contract/traces.ts'
import { applyEdits } from '#shared/domain/graph/apply-edits.ts'
import type { GraphEdit } from '#shared/domain/graph/edits.ts'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { measure, type Measures } from '#shared/domain/graph/measures.ts'
import { unpackGraph } from '#shared/domain/graph/packed.ts'
import { shownBehaviours } from '#shared/domain/graph/shown.ts'
import type { ReasoningGraph } from '#shared/domain/graph/types.ts'
import { segment } from '#shared/domain/segment/index.ts'

/** A trace and its graph, with what people changed in it. */
export interface GraphTrace {
  readonly trace: TraceDetail
  readonly graph: ReasoningGraph
  readonly measures: Measures
  /** Steps `[start0, end0, …]`, UTF-16. */
  readonly bounds: Uint32Array
  readonly shown: Uint8Array
  readonly edits: readonly GraphEdit[]
}

/** What a trace is called: its own identifier, else its place in its file. */
export const nameOf = ({ row, sourceName, place }: TraceDetail): string =>
  row.key ?? `${basename(sourceName)}:${place.row}`

/** The graph of a trace that nobody has labelled or edited. */
export function graphOfTrace(trace: TraceDetail): GraphTrace {
  const { row, response, prediction, bounds: given, metadata } = trace
  const bounds = given ?? segment(response)
  const shown = shownBehaviours(bounds.length / 2, prediction)
  const graph = buildGraph({ text: response, bounds, shown, prompt: row.prompt, metadata })
  return { trace, graph, bounds, shown, measures: measure(graph, response, bounds, shown), edits: [] }
}

/** The graph of a trace of a workspace, after its labels and with its edits. */
export async function editedGraphOf(client: EngineClient, trace: TraceDetail): Promise<GraphTrace> {
  const { graph: packed, measures, ...rest } = await client.call('graphs.get', { traceId: trace.row.id })
  const inferred = unpackGraph(packed)
  if (rest.edits.length === 0) return { trace, graph: inferred, measures, ...rest }
  const { graph } = applyEdits(inferred, rest.bounds, rest.edits, trace.response)
  return { trace, graph, measures: measure(graph, trace.response, rest.bounds, rest.shown), ...rest }
}
