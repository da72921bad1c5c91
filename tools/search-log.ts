/** A search log and what is in it. */
export interface SearchLog {
  readonly log: string
  /** Numbers of every state, by its identifier such as `0,1,2`; `0` is the problem. */
  readonly states: ReadonlyMap<string, readonly number[]>
  /** Identifiers from the problem to the state that the goal is reached from; null without a solution. */
  readonly solution: readonly string[] | null
}

const OPERATIONS: readonly [sign: string, run: (a: number, b: number) => number][] = [
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
]

/**
 * A depth-first search for a Countdown problem in the words of stream-of-search logs, as large as the problem makes it:
 * real logs end early. Every state makes all that follow from it, then goes into each.
 */
export function searchLog(numbers: readonly number[], target: number): SearchLog {
  const lines: string[] = []
  const states = new Map<string, readonly number[]>()
  let solution: string[] | null = null

  const visit = (
    id: string,
    way: readonly string[],
    state: readonly number[],
    done: readonly string[],
  ): boolean => {
    states.set(id, state)
    const list = done.map((operation) => `'${operation}'`).join(', ')
    lines.push(`Current State: ${target}:[${state.join(', ')}], Operations: [${list}]`)
    const children: { id: string; state: number[]; operation: string }[] = []
    for (let i = 0; i < state.length; i++)
      for (let j = i + 1; j < state.length; j++) {
        const [high, low] = [Math.max(state[i]!, state[j]!), Math.min(state[i]!, state[j]!)]
        const others = state.filter((_, at) => at !== i && at !== j)
        for (const [sign, run] of OPERATIONS) {
          const value = run(high, low)
          if (!Number.isInteger(value)) continue
          const operation = `${high}${sign}${low}=${value}`
          const left = [...others, value]
          lines.push(`Exploring Operation: ${operation}, Resulting Numbers: [${left.join(', ')}]`)
          if (left.length > 1) {
            const child = { id: `${id},${children.length}`, state: left, operation }
            lines.push(`Generated Node #${child.id}: ${target}:[${left.join(', ')}] Operation: ${operation}`)
            states.set(child.id, left)
            children.push(child)
          } else if (value === target) {
            lines.push(`${value},${target} equal: Goal Reached`)
            solution = [...way, id]
            return true
          } else lines.push(`${value},${target} unequal: No Solution`)
        }
      }
    return children.some((child) => {
      lines.push(`Moving to Node #${child.id}`)
      return visit(child.id, [...way, id], child.state, [...done, child.operation])
    })
  }
  visit('0', [], numbers, [])
  return { log: `${lines.join('\n')}\n`, states, solution }
}
