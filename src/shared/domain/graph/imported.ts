import type { Json } from '../trace.ts'
import { addNode, createDraft, labelOf, type Draft, type DraftNode } from './draft.ts'

type Fields = { readonly [key: string]: Json }

interface Chunk {
  readonly index: number
  readonly text: string
  readonly start: number | null
  readonly end: number | null
  readonly dependsOn: readonly number[]
  readonly checks: boolean
}

/** Sentences with `depends_on`, as thought-anchors gives them; null where the metadata has none. */
export function chunksOf(metadata: Fields): Chunk[] | null {
  const list = metadata['chunks']
  if (!Array.isArray(list) || list.length === 0) return null
  const chunks = (list as readonly Json[]).map((chunk, at) => readChunk(chunk, at))
  return chunks.every((chunk) => chunk !== null) ? chunks : null
}

function readChunk(value: Json, at: number): Chunk | null {
  if (!isObject(value) || !Array.isArray(value['depends_on'])) return null
  const { chunk, chunk_idx, start, end, function_tags } = value
  return {
    index: typeof chunk_idx === 'number' ? chunk_idx : at,
    text: typeof chunk === 'string' ? chunk : '',
    start: typeof start === 'number' ? start : null,
    end: typeof end === 'number' ? end : null,
    dependsOn: (value['depends_on'] as readonly Json[]).map(Number).filter(Number.isInteger),
    checks: Array.isArray(function_tags) && function_tags.includes('self_checking'),
  }
}

/**
 * The graph of sentences and their dependencies, as given. A sentence hangs from the latest sentence it depends
 * on, from the problem when it depends on none. Sentences tagged as self-checking verify what they depend on. A
 * sentence that is not in the response word for word has an empty span where it should stand.
 */
export function readChunks(chunks: readonly Chunk[]): {
  draft: Draft
  owners: { start: number; node: number }[]
} {
  const draft = createDraft()
  const owners: { start: number; node: number }[] = []
  addNode(draft, { parent: null, start: 0, end: 0, kind: 'problem', label: 'Problem' })
  const nodes = new Map<number, DraftNode>()
  let last = 0
  for (const chunk of chunks) {
    const known = chunk.dependsOn.flatMap((index) => nodes.get(index) ?? [])
    const parent = known.reduce<DraftNode>(
      (latest, node) => (node.id > latest.id ? node : latest),
      draft.nodes[0]!,
    )
    const start = chunk.start ?? last
    const end = chunk.end ?? start
    last = end
    const node = addNode(draft, {
      parent: parent.id,
      start,
      end,
      kind: 'chunk',
      label: labelOf(chunk.text, 0, chunk.text.length),
    })
    nodes.set(chunk.index, node)
    if (chunk.start !== null) owners.push({ start, node: node.id })
    for (const other of known) {
      if (chunk.checks) draft.edges.push({ from: node.id, to: other.id, type: 'verifies', confidence: 1 })
      else if (other !== parent)
        draft.edges.push({ from: other.id, to: node.id, type: 'continues', confidence: 1 })
    }
  }
  const end = draft.nodes.at(-1)!
  const needed = new Set<number>()
  const rests = (id: number): void => {
    if (needed.has(id)) return
    needed.add(id)
    for (const { from, to, type } of draft.edges) {
      if (type === 'continues' && to === id) rests(from)
      // A check that the answer rests on rests on all that it checks.
      if (type === 'verifies' && from === id) rests(to)
    }
  }
  rests(end.id)
  for (const node of draft.nodes) node.fate = needed.has(node.id) ? 'answer' : 'abandoned'
  return { draft, owners }
}

export function isObject(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
