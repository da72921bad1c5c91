import type { Json } from '../trace.ts'
import { addNode, createDraft, flag, markPathTo, type Draft, type DraftNode } from './draft.ts'
import { isObject } from './imported.ts'
import { readChains } from './equations.ts'
import { linesOf } from './lines.ts'
import type { NodeState } from './types.ts'

type Fields = { readonly [key: string]: Json }

/** `4 * 5 = 20 (left: 6 10 20)` */
const LEFT = /\(left:\s*([^)]*)\)/i
const ANSWER = /^\s*Answer:/i

/** Whether a response is made of tree-of-thought steps for number games. */
export function isTreeOfThought(text: string): boolean {
  const lines = linesOf(text)
  const steps = lines.filter(({ start, end }) => LEFT.test(text.slice(start, end)))
  return steps.length > 0 && steps.length >= lines.length / 2
}

/**
 * The search tree of a breadth-first tree-of-thought log (Yao et al. 2023): one node for every proposed line,
 * hanging from the line before it. Where the metadata holds the whole search, its other proposals are nodes with
 * empty spans: their score is kept, and those that were not selected are abandoned.
 */
export function readTreeOfThought(
  text: string,
  metadata: Fields,
): { draft: Draft; owners: { start: number; node: number }[] } {
  const draft = createDraft()
  const owners: { start: number; node: number }[] = []
  const root = addNode(draft, { parent: null, start: 0, end: 0, kind: 'problem', label: 'Problem' })
  const byPath = new Map<string, DraftNode>([['', root]])
  const scores = new Map<string, number>()
  const selected = new Set<string>()

  let path = ''
  let last = root
  for (const { start, end } of linesOf(text)) {
    path += `${text.slice(start, end).trim()}\n`
    last = addLine(path, last, start, end)
    owners.push({ start, node: last.id })
  }
  const steps = Array.isArray(metadata['steps']) ? (metadata['steps'] as readonly Json[]) : []
  for (const step of steps) {
    if (!isObject(step)) continue
    const proposed = texts(step['new_ys'])
    const values = Array.isArray(step['values']) ? (step['values'] as readonly Json[]) : []
    proposed.forEach((candidate, at) => {
      const value = values[at]
      if (typeof value === 'number') scores.set(normal(candidate), value)
      addPath(candidate)
    })
    for (const candidate of texts(step['select_new_ys'])) selected.add(normal(candidate))
  }
  for (const [key, node] of byPath) {
    const score = scores.get(key)
    if (score !== undefined) node.state = { ...node.state, score }
    if (node === root) continue
    const kept = selected.size === 0 || [...selected].some((candidate) => candidate.startsWith(key))
    node.fate = kept ? 'superseded' : 'abandoned'
  }
  if (last !== root) markPathTo(draft, last.id, 'answer')
  return { draft, owners }

  function addPath(candidate: string): void {
    let key = ''
    let parent = root
    for (const line of normal(candidate).split('\n')) {
      if (line === '') continue
      key += `${line}\n`
      parent = byPath.get(key) ?? addLine(key, parent, 0, 0)
    }
  }

  function addLine(key: string, parent: DraftNode, start: number, end: number): DraftNode {
    const line = key.trimEnd().split('\n').at(-1) ?? ''
    const node = addNode(draft, {
      parent: parent.id,
      start,
      end,
      kind: ANSWER.test(line) ? 'episode' : 'node',
      label: line,
      state: stateOf(line, start, end),
    })
    if (node.state?.equations?.some(({ holds }) => !holds) === true) flag(node, 'wrong_arithmetic')
    byPath.set(key, node)
    return node
  }
}

function stateOf(line: string, start: number, end: number): NodeState {
  const left = LEFT.exec(line)
  const body = left === null ? line : line.slice(0, left.index)
  const chain = readChains(body, 0, body.length)[0]
  const [first, second] = chain?.sides ?? []
  if (first === undefined) return left === null ? {} : { numbers: numbersOf(left[1]!) }
  return {
    ...(left === null ? {} : { numbers: numbersOf(left[1]!) }),
    operation: first.text,
    value: first.value,
    ...(second?.value == null ? {} : { claimed: second.value }),
    ...(second === undefined
      ? {}
      : {
          equations: [
            {
              start,
              end,
              left: first.text,
              right: second.text,
              value: first.value,
              claimed: second.value,
              holds: first.value !== null && Math.abs(first.value - (second.value ?? NaN)) < 0.01,
            },
          ],
        }),
  }
}

function numbersOf(list: string): number[] {
  return (list.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number)
}

function normal(candidate: string): string {
  const lines = candidate.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '').join('\n') + '\n'
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => typeof item === 'string') : []
}
