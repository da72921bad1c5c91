import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { buildGraph, type GraphInput } from '#shared/domain/graph/index.ts'
import type { ReasoningGraph } from '#shared/domain/graph/types.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { SHARED_DATA } from '../shared-data.ts'

/** The graph of a text, with its own steps and no behaviours unless given. */
export function graphOf(text: string, input: Partial<GraphInput> = {}): ReasoningGraph {
  const bounds = input.bounds ?? segment(text)
  return buildGraph({
    text,
    bounds,
    shown: new Uint8Array(bounds.length * 2),
    prompt: '',
    metadata: {},
    ...input,
  })
}

/** What holds of every graph: it covers each step once, is a tree by its parents, and is acyclic by what continues. */
export function expectSound({ nodes, edges, owner }: ReasoningGraph, bounds: Uint32Array): void {
  expect(owner).toHaveLength(bounds.length / 2)
  expect(nodes.filter(({ parent }) => parent === null).map(({ id }) => id)).toEqual([0])
  nodes.forEach(({ id, parent, start, end }, index) => {
    if (id !== index || (parent !== null && parent >= id) || start > end)
      expect.fail(`node ${index}: ${JSON.stringify(nodes[index])}`)
  })
  for (const node of owner) if (nodes[node] === undefined) expect.fail(`a step has no node: ${node}`)
  for (const { from, to, type, confidence } of edges) {
    const backwards = type === 'continues' && from >= to
    if (
      nodes[from] === undefined ||
      nodes[to] === undefined ||
      backwards ||
      !(confidence >= 0 && confidence <= 1)
    )
      expect.fail(`edge ${from} ${type} ${to} ${confidence}`)
  }
}

/** Completions of stream-of-search files in the shared data: the model's turn alone. */
export function searchLogs(): { name: string; text: string }[] {
  const root = join(SHARED_DATA, 'traces/stream-of-search')
  const turn = (text: string) => /(?:^|\n)assistant\s?([\s\S]*)$/.exec(text)?.[1] ?? text
  const predictions = (
    JSON.parse(readFileSync(join(root, 'eval_results.json'), 'utf8')) as { predictions: string[] }
  ).predictions
  const logs = predictions.map((text, index) => ({ name: `eval ${index}`, text: turn(text) }))
  for (const folder of readdirSync(root, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue
    for (const file of readdirSync(join(root, folder.name))) {
      const rows = JSON.parse(readFileSync(join(root, folder.name, file), 'utf8')) as {
        completion?: string
      }[]
      rows.forEach(({ completion }, index) => {
        if (completion !== undefined) logs.push({ name: `${folder.name} ${index}`, text: turn(completion) })
      })
    }
  }
  return logs
}

export function jsonLines<T>(...path: string[]): T[] {
  const content = readFileSync(join(SHARED_DATA, ...path), 'utf8')
  return content.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]))
}
