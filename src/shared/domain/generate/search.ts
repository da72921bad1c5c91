import type { CountdownProblem } from '../countdown/problem.ts'
import type { Random } from './random.ts'
import { createOracle, forwardMoves, moved, type Moves } from './moves.ts'
import { rootOf, settleFates, type Move, type Search, type SearchNode } from './tree.ts'

/** How a search is to go. */
export interface SearchPlan {
  /** Dead ends to run into before the right branches are preferred; 0 goes straight. */
  failures: number
  /** Ends with an equation that misses the target; solutions are passed over. */
  incorrect: boolean
}

/** Children tried of one state before the search leaves it, below the root. */
const BREADTH = 3

/**
 * Depth-first search by the given moves. Branches are drawn at random, natural operations first,
 * and wrong ones on purpose until the planned number of dead ends is met; from then on a branch
 * that can reach the goal is preferred, which keeps traces readable.
 *
 * @returns null when the moves cannot solve the problem, or end it as planned
 */
export function depthFirst(
  problem: CountdownProblem,
  moves: Moves,
  random: Random,
  { failures, incorrect }: SearchPlan,
): Search | null {
  const solvable = createOracle(moves)
  const root = rootOf(problem.numbers, problem.target)
  if (!incorrect && !solvable(root)) return null
  const nodes: SearchNode[] = [root]
  const deadEnds: SearchNode[] = []

  const visit = (node: SearchNode): SearchNode | null => {
    if (node.terms.length === 1) {
      if (node.terms[0]!.value === node.goal) return node
      deadEnds.push(node)
      return incorrect && deadEnds.length > failures ? node : null
    }
    let children = moves(node).map((move) => moved(node, move, 0))
    // A product or quotient that is one of its terms again (× 1, − 0) leads nowhere new.
    if (node.terms.length > 2) children = children.filter((child) => !isIdle(child.move!))
    if (incorrect) children = children.filter((child) => child.terms.length > 1 || !solvable(child))
    const breadth = node === root ? Infinity : random.int(1, BREADTH)
    for (let tried = 0; tried < breadth && children.length > 0; tried++) {
      const lost = incorrect || deadEnds.length < failures
      let choice = children
      if (!lost) choice = children.filter(solvable)
      else if (!incorrect && random.chance(0.85)) choice = children.filter((child) => !solvable(child))
      if (choice.length === 0) {
        if (!lost && !children.some(solvable)) return null
        choice = children
      }
      const child = random.weighted(choice, ({ move }) => naturalness(move!))
      children = children.filter((other) => other !== child)
      const visited = { ...child, id: nodes.length }
      nodes.push(visited)
      const found = visit(visited)
      if (found !== null) return found
    }
    return null
  }

  const final = visit(root)
  if (final === null) return null
  settleFates(nodes, final)
  return { nodes, final }
}

/**
 * Best-first search forward: of all states seen, the one from which two numbers come nearest to the
 * goal is taken up next, wherever it lies in the tree.
 *
 * @returns null when the frontier runs out
 */
export function bestFirst(
  problem: CountdownProblem,
  random: Random,
  { failures, incorrect }: SearchPlan,
): Search | null {
  const solvable = createOracle(forwardMoves)
  const root = rootOf(problem.numbers, problem.target)
  const nodes: SearchNode[] = [root]
  const frontier: { child: SearchNode; score: number }[] = []
  let deadEnds = 0
  const expand = (node: SearchNode): void => {
    for (const move of forwardMoves(node)) {
      if (node.terms.length > 2 && isIdle(move)) continue
      const child = moved(node, move, 0)
      if (incorrect && child.terms.length === 1 && solvable(child)) continue
      const score = (distance(child) + 1) * (0.3 + random.next()) * (4 / naturalness(move))
      frontier.push({ child, score })
    }
  }
  expand(root)
  while (frontier.length > 0) {
    const lost = incorrect || deadEnds < failures
    const open = lost ? frontier : frontier.filter(({ child }) => solvable(child))
    if (open.length === 0) return null
    const best = open.reduce((a, b) => (b.score < a.score ? b : a))
    frontier.splice(frontier.indexOf(best), 1)
    const node = { ...best.child, id: nodes.length }
    nodes.push(node)
    if (node.terms.length > 1) {
      expand(node)
      continue
    }
    const solved = node.terms[0]!.value === node.goal
    if (!solved) deadEnds++
    if (solved || (incorrect && deadEnds > failures)) {
      settleFates(nodes, node)
      return { nodes, final: node }
    }
  }
  return null
}

/** How near any two of the terms come to the goal in one operation. */
function distance({ terms, goal }: SearchNode): number {
  if (terms.length === 1) return Math.abs(terms[0]!.value - goal)
  return forwardMoves({ terms, goal }).reduce(
    (least, move) => (move.kind === 'combine' ? Math.min(least, Math.abs(move.result.value - goal)) : least),
    Infinity,
  )
}

function isIdle(move: Move): boolean {
  if (move.kind === 'require') return false
  const { op, a, b, result } = move
  return (op === '*' || op === '/') && (b.value === 1 || a.value === 1) && result.value === a.value
}

/** How readily a person would think of a move. */
function naturalness(move: Move): number {
  if (move.kind === 'require')
    return move.goal > 200 ? 0.2 : move.form === 'x+n' || move.form === 'x-n' ? 3 : 2
  const { op, a, b, result } = move
  if (result.value < 0) return 0.25
  if (op === '+' || op === '-') return result.value === 0 ? 0.5 : 3
  if (op === '/') return b.value === 1 ? 0.4 : 2
  return result.value > 300 || a.value === 0 || b.value <= 1 ? 0.3 : 1.5
}
