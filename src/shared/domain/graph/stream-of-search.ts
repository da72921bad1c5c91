import { evaluate, parseExpression } from '../countdown/expression.ts'
import { toNumber } from '../countdown/rational.ts'
import { addNode, createDraft, flag, markPathTo, type Draft, type DraftNode } from './draft.ts'
import { linesOf } from './lines.ts'
import type { NodeState } from './types.ts'

const ID = String.raw`#?(\d+(?:,\d+)*)`
const GENERATED = new RegExp(`Generated Node ${ID}\\s*:?\\s*(.*)$`, 'i')
const MOVING = new RegExp(`Moving to Node ${ID}`, 'i')
const CURRENT = new RegExp(
  `Current State(?:\\s*${ID})?\\s*:\\s*(?:(-?[\\d.]+)\\s*:)?\\s*\\[([^\\]]*)\\]`,
  'i',
)
const EXPLORING = /Exploring operation:?\s*(.+)$/i
const RESULTING = /Resulting (?:numbers|value)\s*:?\s*\[?([^\]]*)\]?/i
const STATE = /(?:(-?[\d.]+)\s*:)?\s*\[([^\]]*)\]/
const FAILS = /No Solution/i
const REACHES = /Goal Reached/i

/** Whether a text is a stream-of-search log: it makes nodes, or explores from a stated state. */
export function isStreamOfSearch(text: string): boolean {
  return /Generated Node #?\d/i.test(text) || (CURRENT.test(text) && /Exploring operation/i.test(text))
}

/**
 * The search tree that a stream-of-search log writes down (Gandhi et al. 2024, *Stream of Search*): one node for
 * every identifier, with the state, operation and fate the text gives it, and one leaf for every operation that
 * was tried and made no node. Moves to nodes that were never made become nodes flagged `nonexistent`. A node made
 * again keeps its first state and lists the others. Leaves that repeat count. Returns the node of every line, too.
 */
export function readStreamOfSearch(text: string): {
  draft: Draft
  owners: { start: number; node: number }[]
} {
  const draft = createDraft()
  const byId = new Map<string, DraftNode>()
  const leaves = new Map<string, DraftNode>()
  const made = new Set<string>()
  const visited = new Set<DraftNode>()
  const owners: { start: number; node: number }[] = []
  const root = addNode(draft, {
    parent: null,
    start: 0,
    end: 0,
    kind: 'node',
    label: '#0',
    state: { node: '0' },
  })
  byId.set('0', root)
  visited.add(root)
  let current = root
  /** Where the log stands: the node or leaf it wrote last. */
  let here = root
  let fresh: DraftNode | null = null
  let pending: { start: number; end: number; operation: string; numbers: number[] } | null = null
  let goal: DraftNode | null = null

  for (const { start, end } of linesOf(text)) {
    const line = text.slice(start, end)
    let owner: DraftNode = fresh ?? current
    const generated = GENERATED.exec(line)
    const moving = MOVING.exec(line)
    const stated = CURRENT.exec(line)
    const exploring = EXPLORING.exec(line)
    if (generated) {
      owner = here = generate(generated[1]!, generated[2]!, pending?.start ?? start, end)
      fresh = owner
      settle(owner.id)
      pending = null
    } else if (moving) {
      settle(null)
      const target = byId.get(moving[1]!) ?? missing(moving[1]!, start, end)
      if (target !== fresh && target !== here) {
        draft.edges.push({ from: here.id, to: target.id, type: 'returns_to', confidence: 1 })
      }
      owner = here = current = target
      fresh = null
      visited.add(target)
    } else if (stated) {
      settle(null)
      owner = state(stated[1], stated[2], numbersOf(stated[3]!), start, end)
      here = current = owner
      fresh = null
      visited.add(owner)
    } else if (exploring) {
      settle(null)
      const [operation = '', resulting] = exploring[1]!.split(/,?\s*Resulting (?:numbers|value)\s*:?\s*/i)
      pending = {
        start,
        end,
        operation: operation.replace(/[.\s]+$/, ''),
        numbers: numbersOf(resulting ?? ''),
      }
    } else if (pending !== null && RESULTING.test(line)) {
      pending.numbers = numbersOf(RESULTING.exec(line)![1]!)
      pending.end = end
    }
    const fails = !generated && FAILS.test(line)
    const reaches = !generated && REACHES.test(line)
    if (fails || reaches) {
      const leaf = settle(null, end) ?? here
      owner = here = leaf
      if (reaches) goal = leaf
      else if (leaf.kind === 'leaf') leaf.fate = 'refuted'
    }
    owners.push({ start, node: owner.id })
  }
  settle(null)
  for (const node of draft.nodes) {
    if (node.fate === 'open' && visited.has(node) && node !== here && node !== current)
      node.fate = 'abandoned'
  }
  if (goal !== null) markPathTo(draft, goal.id, 'answer')
  return { draft, owners }

  /** Makes a leaf of the operation explored last, unless it made a node; lines since then are the leaf's or node's. */
  function settle(node: number | null, end = pending?.end ?? 0): DraftNode | null {
    if (pending === null) return null
    const { start, operation, numbers } = pending
    pending = null
    const before = owners.findLastIndex((owner) => owner.start < start)
    let leaf: DraftNode | null = null
    if (node === null) leaf = leafOf(operation, numbers, start, end)
    for (let at = before + 1; at < owners.length; at++) owners[at]!.node = node ?? leaf!.id
    if (leaf !== null) here = leaf
    return leaf
  }

  function leafOf(operation: string, numbers: number[], start: number, end: number): DraftNode {
    const parent = fresh !== null && offers(fresh, operation) ? fresh : current
    const key = `${parent.id} ${operation} ${numbers.join(',')}`
    const old = leaves.get(key)
    if (old !== undefined) {
      old.count = (old.count ?? 1) + 1
      return old
    }
    visited.add(parent)
    const leaf = addNode(draft, {
      parent: parent.id,
      start,
      end,
      kind: 'leaf',
      label: operation,
      state: { ...target(parent), numbers, ...worked(operation) },
    })
    judge(leaf, parent, operation)
    leaves.set(key, leaf)
    return leaf
  }

  function generate(id: string, rest: string, start: number, end: number): DraftNode {
    const described = STATE.exec(rest)
    const numbers = described ? numbersOf(described[2]!) : (pending?.numbers ?? [])
    const operation = /Operation:\s*(.+?)\s*$/i.exec(rest)?.[1] ?? pending?.operation ?? ''
    const old = byId.get(id)
    if (old !== undefined) {
      const known = old.state ?? {}
      if (made.has(id) || id === '0') {
        if (known.operation !== operation || String(known.numbers) !== String(numbers)) flag(old, 'redefined')
        old.state = { ...known, again: [...(known.again ?? []), { numbers, operation }] }
        old.count = (old.count ?? 1) + 1
      } else {
        // First moved to, then made: it exists after all.
        const flags = (old.flags ?? []).filter((name) => name !== 'nonexistent')
        if (flags.length > 0) old.flags = flags
        else delete old.flags
        old.state = { ...stateOf(id, described?.[1], numbers), ...worked(operation) }
        made.add(id)
      }
      return old
    }
    made.add(id)
    const { parent, orphan } = parentOf(id)
    visited.add(parent)
    const node = addNode(draft, {
      parent: parent.id,
      start,
      end,
      kind: 'node',
      label: operation === '' ? `#${id}` : operation,
      state: {
        ...stateOf(id, described?.[1] ?? parent.state?.target?.toString(), numbers),
        ...worked(operation),
      },
    })
    if (orphan) flag(node, 'orphan')
    judge(node, parent, operation)
    byId.set(id, node)
    return node
  }

  function missing(id: string, start: number, end: number): DraftNode {
    const { parent, orphan } = parentOf(id)
    const node = addNode(draft, {
      parent: parent.id,
      start,
      end,
      kind: 'node',
      label: `#${id}`,
      state: { node: id },
    })
    flag(node, 'nonexistent')
    if (orphan) flag(node, 'orphan')
    byId.set(id, node)
    return node
  }

  /** Identifiers are paths; one without a path hangs from where the log stands. */
  function parentOf(id: string): { parent: DraftNode; orphan: boolean } {
    if (!id.includes(',')) return { parent: fresh ?? current, orphan: false }
    let path = id
    for (let first = true; ; first = false) {
      const cut = path.lastIndexOf(',')
      if (cut < 0) return { parent: root, orphan: path !== '0' && !first }
      path = path.slice(0, cut)
      const parent = byId.get(path)
      if (parent !== undefined) return { parent, orphan: !first }
    }
  }

  function state(
    id: string | undefined,
    goalText: string | undefined,
    numbers: number[],
    start: number,
    end: number,
  ) {
    let node = id === undefined ? current : (byId.get(id) ?? missing(id, start, end))
    const unnamed = id === undefined && fresh !== null && String(fresh.state?.numbers) === String(numbers)
    if (unnamed) node = fresh!
    if (node.end === 0) {
      node.start = start
      node.end = end
    }
    const known: NodeState = node.state ?? {}
    if (known.numbers === undefined) {
      node.state = { ...known, ...(goalText === undefined ? {} : { target: Number(goalText) }), numbers }
    }
    return node
  }
}

function stateOf(node: string, goal: string | undefined, numbers: number[]): NodeState {
  const target = goal === undefined ? NaN : Number(goal)
  return { node, ...(Number.isFinite(target) ? { target } : {}), numbers }
}

function target({ state }: DraftNode): { target?: number } {
  return state?.target === undefined ? {} : { target: state.target }
}

function numbersOf(list: string): number[] {
  return (list.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number)
}

/** What an operation `a+b=c` says and what it makes. */
function worked(operation: string): NodeState {
  if (operation === '') return {}
  const [left = '', right] = operation.split('=')
  const expression = parseExpression(left)
  const exact = expression && evaluate(expression)
  const claimed = right === undefined ? NaN : Number(/-?\d+(?:\.\d+)?/.exec(right)?.[0] ?? NaN)
  return {
    operation,
    ...(expression === null ? {} : { value: exact && toNumber(exact) }),
    ...(Number.isFinite(claimed) ? { claimed } : {}),
  }
}

function judge(node: DraftNode, parent: DraftNode, operation: string): void {
  const { value, claimed } = node.state ?? {}
  // Logs round quotients down, or cut them off after a few digits.
  if (value !== undefined && claimed !== undefined && (value === null || Math.abs(value - claimed) >= 1)) {
    flag(node, 'wrong_arithmetic')
  } else if (value != null && claimed !== undefined && value !== claimed && !operation.includes('/')) {
    flag(node, 'wrong_arithmetic')
  }
  const missing = unavailable(parent, operation)
  if (missing.length > 0) {
    flag(node, 'unavailable_numbers')
    node.state = { ...node.state, unavailable: missing }
  }
}

function offers(node: DraftNode, operation: string): boolean {
  return node.state?.numbers !== undefined && unavailable(node, operation).length === 0
}

/** Operands that the state does not have, each as often as it lacks it. */
function unavailable({ state }: DraftNode, operation: string): number[] {
  if (state?.numbers === undefined || operation === '') return []
  const left = [...state.numbers]
  return operandsOf(operation.split('=')[0]!).filter((number) => {
    const at = left.indexOf(number)
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
}

/** Numbers of an expression; a minus after an operator or a bracket is a sign. */
function operandsOf(expression: string): number[] {
  return (expression.match(/(?<![\d.)\s]\s*)-\d+(?:\.\d+)?|\d+(?:\.\d+)?/g) ?? []).map(Number)
}
