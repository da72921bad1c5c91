import type { Combination, Expr, Op, Term } from './arithmetic.ts'

/**
 * A requirement: `number` is kept for the last operation, whose form says how, so that the other
 * numbers must make `goal`. In a form, x is what the others make and n the number.
 */
export interface Requirement {
  readonly form: 'x+n' | 'x-n' | 'n-x' | 'x*n' | 'x/n' | 'n/x'
  readonly number: Term
  /** What the others must make. */
  readonly goal: number
  /** What had to be made before. */
  readonly from: number
}

export type Move = ({ readonly kind: 'combine' } & Combination) | ({ readonly kind: 'require' } & Requirement)

/** What became of a state. */
export type Fate =
  | 'path' // on the way to the final equation
  | 'solution' // the final equation, and it is right
  | 'answered' // the final equation, given although it misses the target
  | 'dead_end' // everything is used up and the goal is missed
  | 'abandoned' // left with something still to try

/** A state of the search. */
export interface SearchNode {
  readonly id: number
  readonly parent: SearchNode | null
  readonly terms: readonly Term[]
  /** What the terms must make. */
  readonly goal: number
  readonly move: Move | null
  fate: Fate
}

/** A finished search: its states in the order in which they were first visited. */
export interface Search {
  readonly nodes: readonly SearchNode[]
  /** The state whose expression is answered. */
  readonly final: SearchNode
}

/** From the root to the node, both included. */
export function pathTo(node: SearchNode): SearchNode[] {
  const path: SearchNode[] = []
  for (let at: SearchNode | null = node; at !== null; at = at.parent) path.unshift(at)
  return path
}

export function rootOf(numbers: readonly number[], goal: number): SearchNode {
  return {
    id: 0,
    parent: null,
    terms: numbers.map((value) => ({ value, expr: value })),
    goal,
    move: null,
    fate: 'abandoned',
  }
}

/** The expression over all given numbers that a finished state (one term) stands for. */
export function expressionOf(node: SearchNode): Expr {
  return requirementsOf(node).reduceRight<Expr>(
    (expr, requirement) => wrap(expr, requirement),
    node.terms[0]!.expr,
  )
}

/** The requirements on the way to a state, outermost first. */
export function requirementsOf(node: SearchNode): Requirement[] {
  return pathTo(node).flatMap(({ move }) => (move?.kind === 'require' ? [move] : []))
}

/** The operation that a requirement keeps for the end, on what the others made. */
export function wrap(x: Expr, { form, number }: Pick<Requirement, 'form' | 'number'>): Expr {
  const op = form[1] as Op
  return form[0] === 'x' ? { op, left: x, right: number.expr } : { op, left: number.expr, right: x }
}

/** Marks what became of every state, from the final one. */
export function settleFates(nodes: readonly SearchNode[], final: SearchNode): void {
  const path = new Set(pathTo(final))
  for (const node of nodes) {
    if (node === final) node.fate = node.terms[0]!.value === node.goal ? 'solution' : 'answered'
    else if (path.has(node)) node.fate = 'path'
    else node.fate = node.terms.length === 1 ? 'dead_end' : 'abandoned'
  }
}
