import { z } from 'zod'
import type { Contract, Handlers } from '#shared/contract/contract.ts'
import { Filter } from '#shared/contract/filter.ts'
import { graphs } from '#shared/contract/graphs.ts'
import { applyEdits } from '#shared/domain/graph/apply-edits.ts'
import { figuresOf } from '#shared/domain/graph/figures.ts'
import { buildGraph } from '#shared/domain/graph/index.ts'
import { withLabels } from '#shared/domain/graph/labelled.ts'
import { byAge } from '#shared/domain/last-word.ts'
import { measure } from '#shared/domain/graph/measures.ts'
import { packGraph } from '#shared/domain/graph/packed.ts'
import { shownBehaviours } from '#shared/domain/graph/shown.ts'
import { GRAPH_VERSION } from '#shared/domain/graph/types.ts'
import { outline } from '#shared/domain/graph/view/outline.ts'
import { encodeShape } from '#shared/domain/graph/view/shape-codec.ts'
import { segment, SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { Db } from '../db/connection.ts'
import { createGraphStore, unmeasured, type MeasuredGraph } from '../db/graphs.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'

/** Graphs kept, of the traces asked for last. */
const KEPT = 24

/** What the thread for graphs answers. */
export const graphReading = {
  'graphs.get': graphs['graphs.get'],
  'graphs.shapes': graphs['graphs.shapes'],
  'graphs.siblings': graphs['graphs.siblings'],
  /** Ids of the traces that have no current measures, rising. */
  'graphs.pending': {
    input: z.object({ filter: Filter, force: z.boolean() }),
    output: z.array(z.int()),
  },
  /** The measures of the first of the traces, up to about `chars` of text; at least one. */
  'graphs.measure': {
    input: z.object({ ids: z.array(z.int()), chars: z.int() }),
    output: z.custom<readonly MeasuredGraph[]>(),
  },
} satisfies Contract

type Built = ReturnType<typeof build>

/** Builds graphs from a connection that only has to read, and keeps those asked for last. */
export function createGraphReading(
  db: Db,
  traces: TraceStore,
  annotations: AnnotationStore,
): Handlers<typeof graphReading> {
  const store = createGraphStore(db)
  const kept = new Map<string, Built>()
  const versions = { graph: GRAPH_VERSION, segmenter: SEGMENTER_VERSION }
  const read = (id: number): FullTrace => {
    const trace = traces.get(id)
    if (trace === null) throw new CairnError('not_found', `There is no trace ${id}.`, { id })
    return trace
  }
  const of = (trace: FullTrace): Built => {
    const labels = annotations.ofTrace(trace.row.id)
    const { prediction, segmenter, textHash } = trace
    // Everything that the graph depends on; labels are told apart by all that they say.
    const key = JSON.stringify([
      ...[trace.row.id, textHash, GRAPH_VERSION, segmenter ?? SEGMENTER_VERSION],
      ...[prediction?.model, prediction?.version, prediction?.thresholds],
      labels.toSorted(byAge).map(({ start, end, behaviour, verdict }) => [start, end, behaviour, verdict]),
    ])
    const built = kept.get(key) ?? build(trace, labels)
    kept.delete(key)
    kept.set(key, built)
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!)
    return built
  }

  const edited = (built: Built, { row, response }: FullTrace): Built => {
    const edits = store.editsOf(row.id)
    if (edits.length === 0) return built
    const { bounds, shown } = built
    const { graph } = applyEdits(built.graph, bounds, edits, response)
    return { ...built, graph, measures: measure(graph, response, bounds, shown) }
  }

  return {
    'graphs.get'({ traceId }) {
      const { graph, ...rest } = of(read(traceId))
      return { graph: packGraph(graph), ...rest, edits: store.editsOf(traceId) }
    },
    'graphs.shapes'({ ids }) {
      const stored = store.shapes(ids)
      return ids
        .filter((id) => traces.has(id))
        .map((id) => {
          const shape = stored.get(id)
          if (shape !== undefined) return { id, shape: new Uint8Array(shape) }
          const trace = read(id)
          return { id, shape: new Uint8Array(shapeOf(edited(of(trace), trace))) }
        })
    },
    'graphs.siblings': ({ traceId }) => traces.rows(Uint32Array.from(store.siblings(traceId))),
    'graphs.pending': ({ filter, force }) => unmeasured(db, filter, versions, force),
    'graphs.measure'({ ids, chars }) {
      const measured: MeasuredGraph[] = []
      let size = 0
      for (const id of ids) {
        // Read first: what changes from here on is found out when the measures are stored.
        const from = store.basis(id)
        const trace = read(id)
        const built = edited(build(trace, annotations.ofTrace(id)), trace)
        const { graph, measures } = built
        measured.push({
          traceId: id,
          version: graph.version,
          segmenter: trace.segmenter ?? SEGMENTER_VERSION,
          ...from,
          method: graph.method,
          figures: figuresOf(measures),
          shape: shapeOf(built),
        })
        size += trace.response.length
        if (size >= chars) break
      }
      return measured
    },
  }
}

const shapeOf = ({ graph, bounds }: Built): Uint8Array =>
  encodeShape(outline(graph, bounds, 'episodes', new Set()).items)

function build(
  { row, response, bounds, prediction, metadata }: FullTrace,
  labels: ReturnType<AnnotationStore['ofTrace']>,
) {
  const steps = bounds ?? Uint32Array.from(segment(response))
  const shown = withLabels(shownBehaviours(steps.length / 2, prediction), steps, labels)
  const graph = buildGraph({ text: response, bounds: steps, shown, prompt: row.prompt, metadata })
  return { graph, measures: measure(graph, response, steps, shown), bounds: steps, shown }
}
