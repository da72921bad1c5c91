/** Raised whenever the graph of some text can change. */
export const GRAPH_VERSION = 6

/** How the graph came about: read off the text, carried by the file, or guessed from behaviours and wording. */
export type Method = 'exact' | 'imported' | 'inferred'

/**
 * - `problem`: what the trace starts from; its span is empty
 * - `node`: a state of a search; `leaf`: an operation tried from it that made no state of its own
 * - `attempt`: a new combination or a new start; `operation`: an arithmetic step of one
 * - `episode`: steps that carry on; `check`: steps that verify; `subgoal`: a plan and what follows from it
 * - `path`: one of several explicit parallel branches; `case`: a numbered case; `chunk`: a sentence of an imported graph
 * - `loop`: a repeated block, `count` times
 */
export type NodeKind =
  | 'problem'
  | 'node'
  | 'leaf'
  | 'attempt'
  | 'operation'
  | 'episode'
  | 'check'
  | 'subgoal'
  | 'path'
  | 'case'
  | 'chunk'
  | 'loop'

/** What became of a node: `open` is one that the trace neither finished nor gave up. */
export const FATES = ['answer', 'refuted', 'abandoned', 'superseded', 'open'] as const
export type Fate = (typeof FATES)[number]

/** An equation in the text. Offsets are UTF-16 in the response. */
export interface Equation {
  readonly start: number
  readonly end: number
  /** Both sides as written, operators in ASCII. */
  readonly left: string
  readonly right: string
  /** Value of the left side; null when it divides by zero, or is too great for a number. */
  readonly value: number | null
  /** Value that the text gives; null as above. */
  readonly claimed: number | null
  readonly holds: boolean
}

export interface NodeState {
  /** Identifier in a search log, such as `0,1,2`. */
  readonly node?: string
  readonly target?: number
  /** Numbers that remain. */
  readonly numbers?: readonly number[]
  /** The operation or expression as written, operators in ASCII. */
  readonly operation?: string
  /** What the operation really makes. */
  readonly value?: number | null
  /** What the text says it makes. */
  readonly claimed?: number
  readonly equations?: readonly Equation[]
  /** Numbers used that were not there. */
  readonly unavailable?: readonly number[]
  /** Score in a search log. */
  readonly score?: number
  /** The state of a node that the log generates again, in order. */
  readonly again?: readonly { readonly numbers: readonly number[]; readonly operation: string }[]
}

/**
 * - `nonexistent`: the trace moves to a node that it never made
 * - `redefined`: it makes a node again with another state
 * - `wrong_arithmetic`, `unavailable_numbers`: see `state`
 * - `orphan`: its parent was never made; it hangs from the nearest ancestor that was
 */
export type Flag = 'nonexistent' | 'redefined' | 'wrong_arithmetic' | 'unavailable_numbers' | 'orphan'

export interface GraphNode {
  /** Index in `nodes`. Invariant: `parent < id`. */
  readonly id: number
  readonly parent: number | null
  /** First stretch of text that is the node's, UTF-16, half-open. */
  readonly start: number
  readonly end: number
  readonly kind: NodeKind
  /** The beginning of its text, or its operation. */
  readonly label: string
  readonly state?: NodeState
  readonly fate: Fate
  /** How often a folded block occurs. */
  readonly count?: number
  readonly flags?: readonly Flag[]
}

export type EdgeType = 'continues' | 'returns_to' | 'verifies' | 'part_of'

export interface GraphEdge {
  readonly from: number
  readonly to: number
  readonly type: EdgeType
  /** 1 where the text or the file says so. */
  readonly confidence: number
  /** The steps the edge joins, where it was chosen between steps; −1 is the problem. */
  readonly steps?: readonly [from: number, to: number]
}

/** A block of steps that recurs without a break. Steps are indices. */
export interface Loop {
  readonly first: number
  /** Steps of one round. */
  readonly period: number
  readonly rounds: number
}

export interface ReasoningGraph {
  readonly version: number
  readonly method: Method
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** The node of every step. */
  readonly owner: Int32Array
  readonly loops: readonly Loop[]
}
