import { z } from 'zod'
import type { GraphEdit } from '../domain/graph/edits.ts'
import type { Measures } from '../domain/graph/measures.ts'
import type { PackedGraph } from '../domain/graph/packed.ts'
import { FATES } from '../domain/graph/types.ts'
import { Token, TraceId } from './common.ts'
import type { Contract } from './contract.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'
import { TraceRow } from './traces.ts'

/** A node as an edit remembers it: its place in the graph, and its text, should the graph be inferred anew. */
const NodeRef = z.object({
  id: z.int().nonnegative(),
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
})

/** What a person changes in a graph; see `applyEdits`. */
const Change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('attach'), node: NodeRef, to: NodeRef }),
  z.object({ kind: z.literal('return'), node: NodeRef, to: NodeRef.nullable() }),
  z.object({ kind: z.literal('fate'), node: NodeRef, fate: z.enum(FATES) }),
  z.object({ kind: z.literal('split'), node: NodeRef, step: z.int().nonnegative() }),
  z.object({ kind: z.literal('merge'), node: NodeRef }),
])

const Stored = z.custom<GraphEdit>()

export const graphs = {
  /**
   * The graph of a trace as inferred, with what it was built from: predictions at the model's thresholds and
   * people's labels. Edits are listed beside it and change nothing in it.
   */
  'graphs.get': {
    input: z.object({ traceId: TraceId }),
    output: z.object({
      /** See `unpackGraph`. */
      graph: z.custom<PackedGraph>(),
      measures: z.custom<Measures>(),
      /** Steps `[start0, end0, …]`, UTF-16. */
      bounds: z.instanceof(Uint32Array),
      /** Steps × behaviours, 1 where a step shows the behaviour. */
      shown: z.instanceof(Uint8Array),
      edits: z.array(Stored),
    }),
  },
  /** Measures the graphs of what has no current measures; with `force` of everything in the filter. */
  'graphs.build': {
    input: z.object({ filter: Filter.default({}), force: z.boolean().default(false) }),
    output: Job,
  },
  /** Other traces of the same prompt, in the order of ids; at most 500. */
  'graphs.siblings': { input: z.object({ traceId: TraceId }), output: z.array(TraceRow) },
  /** The outlines of graphs without their words, in the order asked for; see `decodeShape`. */
  'graphs.shapes': {
    input: z.object({ ids: z.array(TraceId).max(1000) }),
    output: z.array(z.object({ id: TraceId, shape: z.instanceof(Uint8Array) })),
  },
  /** Adds an edit to a trace's graph, or takes one away; both can be undone. Answers with all that are there now. */
  'graphs.edit': {
    input: z.object({
      traceId: TraceId,
      annotator: z.string().min(1).max(200),
      add: z.array(Change).max(1000).default([]),
      remove: z.array(z.int()).max(1000).default([]),
      token: Token.optional(),
    }),
    output: z.array(Stored),
  },
} satisfies Contract
