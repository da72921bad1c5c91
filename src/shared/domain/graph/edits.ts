import type { Fate } from './types.ts'

/** A node by its place in the graph and by its text: an inference anew may number the nodes otherwise. */
export interface NodeRef {
  readonly id: number
  readonly start: number
  readonly end: number
}

/**
 * - `attach`: the node hangs from another parent; `return`: the turn at the node goes back to another one, or is none
 * - `fate`: what became of the node and of all below it, or, for `answer`, of all above it
 * - `split`: the node ends before a step, and another one begins there; `merge`: it becomes part of its parent
 */
export type GraphChange =
  | { readonly kind: 'attach'; readonly node: NodeRef; readonly to: NodeRef }
  | { readonly kind: 'return'; readonly node: NodeRef; readonly to: NodeRef | null }
  | { readonly kind: 'fate'; readonly node: NodeRef; readonly fate: Fate }
  | { readonly kind: 'split'; readonly node: NodeRef; readonly step: number }
  | { readonly kind: 'merge'; readonly node: NodeRef }

/** A change of the graph as a person made it; stand-off, like a label. */
export interface GraphEdit {
  readonly id: number
  readonly traceId: number
  readonly change: GraphChange
  readonly annotator: string
  readonly at: string
  /** SHA-256 of the text it was made on. */
  readonly textHash: string
}
