import { apply, combinations, combined } from './arithmetic.ts'
import type { Move, Requirement, SearchNode } from './tree.ts'

/** How a search gets on: what it may do in a state. */
export type Moves = (node: Pick<SearchNode, 'terms' | 'goal'>) => Move[]

/** Forward: combine any two of the numbers at hand. */
export const forwardMoves: Moves = ({ terms }) =>
  combinations(terms, true).map((combination) => ({ kind: 'combine', ...combination }))

/**
 * From the goal: keep one number for the last operation, which says what the others must make; two
 * numbers are combined, and of four numbers two may be, since (a+b)*(c+d) keeps none for the end.
 */
export const goalMoves: Moves = ({ terms, goal }) => {
  const pairs = (): Move[] =>
    combinations(terms, false).map((combination) => ({ kind: 'combine', ...combination }))
  if (terms.length <= 2) return pairs()
  const kept = terms.flatMap((number) =>
    requirements(goal, number.value).map((requirement): Move => ({
      kind: 'require',
      ...requirement,
      number,
      from: goal,
    })),
  )
  return terms.length > 3 ? [...kept, ...pairs()] : kept
}

/** What x must be for `x op n` or `n op x` to make the goal, where that is a positive whole number. */
function requirements(goal: number, n: number): Pick<Requirement, 'form' | 'goal'>[] {
  const found: Pick<Requirement, 'form' | 'goal'>[] = []
  const add = (form: Requirement['form'], x: number | null): void => {
    if (x !== null && x > 0 && Number.isInteger(x)) found.push({ form, goal: x })
  }
  add('x+n', goal - n)
  add('x-n', goal + n)
  add('n-x', n - goal)
  if (n > 1) {
    add('x*n', apply('/', goal, n))
    add('x/n', apply('*', goal, n))
  }
  if (goal !== 0) add('n/x', apply('/', n, goal))
  return found
}

/** The state after a move. */
export function moved(node: SearchNode, move: Move, id: number): SearchNode {
  const next =
    move.kind === 'combine'
      ? { terms: combined(node.terms, move), goal: node.goal }
      : { terms: node.terms.filter((term) => term !== move.number), goal: move.goal }
  return { id, parent: node, ...next, move, fate: 'abandoned' }
}

/** Tells whether the goal can be made from a state by the moves; remembers what it found. */
export function createOracle(moves: Moves): (node: SearchNode) => boolean {
  const known = new Map<string, boolean>()
  const solvable = (node: SearchNode): boolean => {
    if (node.terms.length === 1) return node.terms[0]!.value === node.goal
    const values = node.terms.map(({ value }) => value).sort((a, b) => a - b)
    const key = `${values.join()}:${node.goal}`
    const before = known.get(key)
    if (before !== undefined) return before
    const found = moves(node).some((move) => solvable(moved(node, move, 0)))
    known.set(key, found)
    return found
  }
  return solvable
}
