import { describe, expect, it } from 'vitest'
import { segment } from '#shared/domain/segment/index.ts'
import { searchLog } from '../../../tools/search-log.ts'
import { hasSharedData } from '../shared-data.ts'
import { expectSound, graphOf, searchLogs } from './support.ts'

const LOG = `Current State: 10:[5, 3, 2], Operations: []
Exploring Operation: 5-3=2, Resulting Numbers: [2, 2]
Generated Node #0,0: 10:[2, 2] Operation: 5-3=2
Moving to Node #0,0
Current State: 10:[2, 2], Operations: ['5-3=2']
Exploring Operation: 2+2=4, Resulting Numbers: [4]
4,10 unequal: No Solution
Moving to Node #0,0
Current State: 10:[2, 2], Operations: ['5-3=2']
Exploring Operation: 2+2=4, Resulting Numbers: [4]
4,10 unequal: No Solution
Moving to Node #0,7
Current State: 10:[9], Operations: []
Moving to Node #0
Current State: 10:[5, 3, 2], Operations: []
Exploring Operation: 5+3=9, Resulting Numbers: [2, 9]
Generated Node #0,1: 10:[2, 9] Operation: 5+3=9
Moving to Node #0,1
Current State: 10:[2, 9], Operations: ['5+3=9']
Exploring Operation: 2+8=10, Resulting Numbers: [10]
10,10 equal: Goal Reached
`

describe('a stream-of-search log', () => {
  const { method, nodes, edges } = graphOf(LOG)
  const named = (id: string) => nodes.find(({ state }) => state?.node === id)!

  it('becomes the tree it writes down', () => {
    expect(method).toBe('exact')
    expect(nodes.map(({ kind, parent, label, fate }) => [kind, parent, label, fate])).toEqual([
      ['node', null, '#0', 'answer'],
      ['node', 0, '5-3=2', 'abandoned'],
      ['leaf', 1, '2+2=4', 'refuted'],
      ['node', 0, '#0,7', 'abandoned'],
      ['node', 0, '5+3=9', 'answer'],
      ['leaf', 4, '2+8=10', 'answer'],
    ])
    expect(named('0,0').state).toEqual({
      node: '0,0',
      target: 10,
      numbers: [2, 2],
      operation: '5-3=2',
      value: 2,
      claimed: 2,
    })
    expect(LOG.slice(named('0,0').start, named('0,0').end)).toMatch(
      /^Exploring Operation: 5-3=2[^]*Operation: 5-3=2$/,
    )
  })

  it('flags what never existed, what does not compute and what was not there', () => {
    expect(named('0,7').flags).toEqual(['nonexistent'])
    expect(named('0,1')).toMatchObject({ flags: ['wrong_arithmetic'], state: { value: 8, claimed: 9 } })
    expect(nodes[5]).toMatchObject({ flags: ['unavailable_numbers'], state: { unavailable: [8] } })
  })

  it('counts a leaf that is tried again, and declares moves back', () => {
    expect(nodes[2]!.count).toBe(2)
    expect(edges.filter(({ type }) => type === 'returns_to').map(({ from, to }) => [from, to])).toEqual([
      [2, 1],
      [2, 3],
      [3, 0],
    ])
  })
})

describe.skipIf(!hasSharedData)('every stream-of-search file in the shared data', () => {
  it('agrees node for node with a parser of its own', () => {
    let logs = 0
    let count = 0
    let nonexistent = 0
    for (const { name, text } of searchLogs()) {
      if (!/Generated Node #\d|Exploring [Oo]peration/.test(text) || !/Current State/.test(text)) continue
      const expected = simpleTree(text)
      const graph = graphOf(text)
      expect(graph.method, name).toBe('exact')
      expectSound(graph, segment(text))
      const found = new Map(
        graph.nodes.flatMap((node) =>
          node.state?.node === undefined ? [] : [[node.state.node, node] as const],
        ),
      )
      expect([...found.keys()].sort(), name).toEqual([...expected.keys()].sort())
      for (const [id, { parent, operation, numbers, made }] of expected) {
        const node = found.get(id)!
        const above = node.parent === null ? null : graph.nodes[node.parent]!.state?.node
        if (parent !== undefined && parent !== above)
          expect.fail(`${name} ${id}: hangs from ${above}, not from ${parent}`)
        // A log that breaks off within the line leaves the rest to what was explored.
        const whole = operation !== ''
        if (made && whole && (node.state?.operation !== operation || String(node.state?.numbers) !== numbers))
          expect.fail(`${name} ${id}: ${JSON.stringify(node.state)}, not ${operation} with ${numbers}`)
        if (id !== '0' && (node.flags ?? []).includes('nonexistent') === made)
          expect.fail(`${name} ${id}: ${String(node.flags)}`)
        count++
        if (!made && id !== '0') nonexistent++
      }
      logs++
    }
    expect(logs).toBeGreaterThan(500)
    expect(count).toBeGreaterThan(11_000)
    expect(nonexistent).toBeGreaterThan(10)
  })
})

interface SimpleNode {
  /** Undefined where the identifier does not say. */
  parent?: string | null
  operation: string
  numbers: string
  made: boolean
}

/** Line by line, by identifiers alone: knows nothing of where the log stands. */
function simpleTree(text: string): Map<string, SimpleNode> {
  const nodes = new Map<string, SimpleNode>([
    ['0', { parent: null, operation: '', numbers: '', made: false }],
  ])
  for (const line of text.split('\n')) {
    const id = /(?:(?:Generated|Moving to) Node|Current State) #(\d+(?:,\d+)*)/.exec(line)?.[1]
    if (id === undefined || (line.startsWith('Current State') && !/\[/.test(line))) continue
    const made = line.includes('Generated Node')
    const known = nodes.get(id)
    if (known !== undefined && (known.made || !made || id === '0')) continue
    const numbers =
      (/\[([^\]]*)\]/.exec(line.replace(/\['.*$/, ''))?.[1] ?? '').match(/-?\d+(?:\.\d+)?/g) ?? []
    const ancestors = id.split(',').slice(0, -1)
    while (ancestors.length > 1 && !nodes.has(ancestors.join(','))) ancestors.pop()
    nodes.set(id, {
      ...(known ?? (id.includes(',') ? { parent: ancestors.length > 1 ? ancestors.join(',') : '0' } : {})),
      operation: made ? (/Operation: (.*?)\s*$/.exec(line)?.[1] ?? '') : '',
      numbers: numbers.map(Number).join(','),
      made,
    })
  }
  return nodes
}

describe('a search log of a whole search', () => {
  it('is a tree of every state with its numbers, and the answer path is the way to the goal', () => {
    const { log, states, solution } = searchLog([5, 3, 2, 9], 69)
    expect(states.size).toBeGreaterThan(200)
    const graph = graphOf(log)
    expectSound(graph, segment(log))
    const made = graph.nodes.filter(({ kind }) => kind === 'node')
    expect(new Map(made.map(({ state }) => [state!.node ?? '0', state!.numbers]))).toEqual(states)
    const parentOf = (id: string) => id.split(',').slice(0, -1).join(',')
    for (const { state, parent } of made)
      if (parent !== null) expect(graph.nodes[parent]!.state!.node ?? '0').toBe(parentOf(state!.node!))
    const answer = made.filter(({ fate }) => fate === 'answer').map(({ state }) => state!.node ?? '0')
    expect(answer).toEqual(solution)
    expect(graph.nodes.filter(({ kind, fate }) => kind === 'leaf' && fate === 'answer')).toHaveLength(1)
  })
})
