import { equationsOf, readChains } from './equations.ts'
import type { Fate, GraphNode, ReasoningGraph } from './types.ts'
import { cueMask, readCues } from './targets/cues.ts'

/** Figures of one trace. Loops count once; `raw` holds the counts with every round. */
export interface Measures {
  readonly nodes: number
  /** Edges on the longest way from the root. */
  readonly depth: number
  /** Mean children of nodes that have any; 0 when none has. */
  readonly branching: number
  /** Ends of branches that the answer does not rest on, without the one the trace breaks off in. */
  readonly dead_ends: number
  /** Share of the text's tokens (words, numbers, symbols separated by space) in nodes the answer does not rest on. */
  readonly abandoned_share: number
  /** Place of the first return, as a share of the text before it; null when the trace never turns back. */
  readonly first_backtrack: number | null
  /** Steps that verify for each step that concludes or states a result; null without results. */
  readonly checks_per_result: number | null
  /** Most steps in a row without a check or a turn. */
  readonly longest_stretch: number
  readonly repairs: {
    readonly wrong_to_right: number
    readonly right_to_wrong: number
    readonly changed: number
  }
  readonly wrong_equations: number
  readonly equations: number
  readonly loops: number
  readonly raw: {
    readonly steps: number
    readonly folded_steps: number
    readonly nodes: number
    readonly returns: number
  }
}

const RESULT = cueMask('concludes', 'equation')
const LOST: ReadonlySet<Fate> = new Set(['abandoned', 'refuted', 'superseded'])

/** Measures a graph. `text`, `bounds` and `shown` are those it was built from. */
export function measure(
  { nodes, edges, owner, loops }: ReasoningGraph,
  text: string,
  bounds: Uint32Array,
  shown: Uint8Array,
): Measures {
  const steps = bounds.length >>> 1
  const shape = nodes.filter(({ kind }) => kind !== 'loop')
  const children = new Int32Array(nodes.length)
  const depth = new Int32Array(nodes.length)
  for (const { id, parent } of shape) {
    if (parent === null) continue
    children[parent]!++
    depth[id] = depth[parent]! + 1
  }
  const parents = children.filter((count) => count > 0)
  const returns = edges.filter(({ type }) => type === 'returns_to')
  const branches = shape.filter(
    ({ kind, parent }) => kind === 'attempt' && parent !== null && children[parent]! > 1,
  )
  return {
    nodes: shape.length,
    depth: depth.reduce((most, own) => Math.max(most, own), 0),
    branching: rounded(
      parents.length === 0 ? 0 : parents.reduce((sum, count) => sum + count, 0) / parents.length,
    ),
    dead_ends: shape.filter(({ id, fate }) => children[id] === 0 && LOST.has(fate)).length,
    abandoned_share: rounded(shareLost(nodes, owner, text, bounds)),
    first_backtrack: firstTurn(nodes, returns, text),
    ...readSteps(text, bounds, shown, owner, nodes),
    ...readEquations(text, bounds, owner, nodes),
    loops: loops.length,
    raw: {
      steps,
      folded_steps: owner.filter((node) => nodes[node]?.kind === 'loop').length,
      nodes:
        nodes.reduce((sum, { count = 1, kind }) => sum + (kind === 'loop' ? 0 : count), 0) +
        rawLoopNodes(nodes, loops, owner),
      returns: Math.max(returns.length, branches.length),
    },
  }
}

/** Nodes that the rounds of loops would be, had they not been folded. */
function rawLoopNodes(
  nodes: readonly GraphNode[],
  loops: ReasoningGraph['loops'],
  owner: Int32Array,
): number {
  let sum = 0
  for (const { first, period, rounds } of loops) {
    if (nodes[owner[first + period]!]?.kind !== 'loop') continue
    const own = new Set(owner.subarray(first, first + period))
    sum += own.size * (rounds - 1)
  }
  return sum
}

function shareLost(
  nodes: readonly GraphNode[],
  owner: Int32Array,
  text: string,
  bounds: Uint32Array,
): number {
  let all = 0
  let lost = 0
  for (let step = 0; step < owner.length; step++) {
    const tokens = countTokens(text, bounds[step * 2]!, bounds[step * 2 + 1]!)
    all += tokens
    if (LOST.has(nodes[owner[step]!]!.fate)) lost += tokens
  }
  return all === 0 ? 0 : lost / all
}

function countTokens(text: string, start: number, end: number): number {
  let tokens = 0
  let inside = false
  for (let at = start; at < end; at++) {
    const space = text.charCodeAt(at) <= 0x20
    if (!space && !inside) tokens++
    inside = !space
  }
  return tokens
}

function firstTurn(
  nodes: readonly GraphNode[],
  returns: ReasoningGraph['edges'],
  text: string,
): number | null {
  let first = Infinity
  for (const { from } of returns) first = Math.min(first, nodes[from]!.start)
  const tried = new Set<number>()
  for (const { parent, start, kind } of nodes) {
    if (parent === null || (kind !== 'attempt' && kind !== 'operation')) continue
    // The first child of a state goes on from it; an attempt after that is where the trace turned back.
    if (kind === 'attempt' && tried.has(parent)) first = Math.min(first, start)
    tried.add(parent)
  }
  return first === Infinity || text.length === 0 ? null : rounded(first / text.length)
}

function readSteps(
  text: string,
  bounds: Uint32Array,
  shown: Uint8Array,
  owner: Int32Array,
  nodes: readonly GraphNode[],
): Pick<Measures, 'checks_per_result' | 'longest_stretch'> {
  let checks = 0
  let results = 0
  let longest = 0
  let stretch = 0
  for (let step = 0; step < owner.length; step++) {
    if (nodes[owner[step]!]!.kind === 'loop') continue
    const check = shown[step * 4] === 1
    const turn = shown[step * 4 + 1] === 1
    if (check) checks++
    else if ((readCues(text.slice(bounds[step * 2], bounds[step * 2 + 1])) & RESULT) !== 0) results++
    stretch = check || turn ? 0 : stretch + 1
    longest = Math.max(longest, stretch)
  }
  return { checks_per_result: results === 0 ? null : rounded(checks / results), longest_stretch: longest }
}

/** Equations are recomputed; the same left side with another result later is a repair, or the opposite of one. */
function readEquations(
  text: string,
  bounds: Uint32Array,
  owner: Int32Array,
  nodes: readonly GraphNode[],
): Pick<Measures, 'repairs' | 'wrong_equations' | 'equations'> {
  const said = new Map<string, { claimed: number | null; holds: boolean }>()
  const repairs = { wrong_to_right: 0, right_to_wrong: 0, changed: 0 }
  let equations = 0
  let wrong = 0
  for (let step = 0; step < owner.length; step++) {
    if (nodes[owner[step]!]!.kind === 'loop') continue
    for (const chain of readChains(text, bounds[step * 2]!, bounds[step * 2 + 1]!)) {
      for (const { left, claimed, holds } of equationsOf(chain, null)) {
        equations++
        if (!holds) wrong++
        const before = said.get(left)
        if (before !== undefined && differ(before.claimed, claimed)) {
          if (!before.holds && holds) repairs.wrong_to_right++
          else if (before.holds && !holds) repairs.right_to_wrong++
          else repairs.changed++
        }
        said.set(left, { claimed, holds })
      }
    }
  }
  return { repairs, wrong_equations: wrong, equations }
}

const differ = (a: number | null, b: number | null) => a !== null && b !== null && Math.abs(a - b) > 1e-9

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
