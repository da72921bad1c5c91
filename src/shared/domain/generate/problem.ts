import { combinations, combined, type Term } from './arithmetic.ts'
import type { CountdownProblem } from '../countdown/problem.ts'
import type { Random } from './random.ts'

/** Which problems are made; the defaults are those of the reference task. */
export interface ProblemOptions {
  /** How many numbers a problem may have; each count is as likely. */
  counts: readonly number[]
  /** Targets, inclusive. */
  target: readonly [number, number]
  /** Given numbers, inclusive. */
  number: readonly [number, number]
}

export const REFERENCE_PROBLEMS: ProblemOptions = { counts: [3, 4], target: [10, 100], number: [1, 99] }

/**
 * A Countdown problem with a solution in whole numbers: numbers drawn evenly, and a target drawn evenly
 * among the values within range that all of them together can make.
 */
export function makeProblem(random: Random, options: ProblemOptions): CountdownProblem {
  const count = random.pick(options.counts)
  for (;;) {
    const numbers = Array.from({ length: count }, () => random.int(...options.number))
    const targets = reachable(numbers.map((value) => ({ value, expr: value })))
      .filter((value) => value >= options.target[0] && value <= options.target[1])
      .sort((a, b) => a - b)
    if (targets.length > 0) return { numbers, target: random.pick(targets) }
  }
}

/** The values that all of the terms together can make, each once. */
function reachable(terms: readonly Term[]): number[] {
  const values = new Set<number>()
  const seen = new Set<string>()
  const visit = (left: readonly Term[]): void => {
    if (left.length === 1) {
      values.add(left[0]!.value)
      return
    }
    const key = left
      .map(({ value }) => value)
      .sort((a, b) => a - b)
      .join()
    if (seen.has(key)) return
    seen.add(key)
    for (const combination of combinations(left, false)) visit(combined(left, combination))
  }
  visit(terms)
  return [...values]
}

/** The prompt of a problem, in the words that Cairn and common graders read the problem from. */
export function promptOf({ numbers, target }: CountdownProblem): string {
  return (
    `Using the numbers [${numbers.join(', ')}], create an equation that equals ${target}. ` +
    'You may use +, -, * and /, and every number exactly once. Think inside <think> and </think>, ' +
    'then give the left side of the equation inside <answer> and </answer>.'
  )
}
