import { addNode, createDraft, labelOf, markPathTo, type Draft, type DraftNode } from './draft.ts'

const TAG = /<(\/?)(Parallel|Path|Summary|Conclusion)\b[^>]*>/gi

export function isParallel(text: string): boolean {
  return /<Parallel\b[^>]*>[\s\S]*?<Path\b/i.test(text)
}

/** A stretch between two tags hangs from `parent`; what follows a parallel block joins all its paths. */
interface Level {
  fork: DraftNode
  ends: DraftNode[]
}

/**
 * Explicit parallel branches, `<Parallel><Path>…</Path>…</Parallel><Summary>…</Summary>`, nested ones too: paths
 * hang from what stands before the block; what follows the block hangs from there too and continues every path.
 */
export function readParallel(text: string): { draft: Draft; owners: { start: number; node: number }[] } {
  const draft = createDraft()
  const owners: { start: number; node: number }[] = []
  const root = addNode(draft, { parent: null, start: 0, end: 0, kind: 'problem', label: 'Problem' })
  const levels: Level[] = []
  let current = root
  let joins: DraftNode[] = []
  let inPath = false
  let from = 0

  const stretch = (to: number, after: number): void => {
    const start = from + (text.slice(from, to).length - text.slice(from, to).trimStart().length)
    if (start < to) {
      const node = addNode(draft, {
        parent: current.id,
        start,
        end: to,
        kind: inPath ? 'path' : 'episode',
        label: labelOf(text, start, to),
      })
      for (const end of joins) {
        if (end !== current) draft.edges.push({ from: end.id, to: node.id, type: 'continues', confidence: 1 })
      }
      joins = []
      inPath = false
      owners.push({ start: from, node: node.id })
      current = node
    } else owners.push({ start: from, node: current.id })
    from = after
  }

  for (const match of text.matchAll(TAG)) {
    const closes = match[1] === '/'
    const name = match[2]!.toLowerCase()
    stretch(match.index, closes ? match.index : match.index)
    if (name === 'parallel' && !closes) levels.push({ fork: current, ends: [] })
    else if (name === 'path' && !closes) {
      current = levels.at(-1)?.fork ?? current
      inPath = true
    } else if (name === 'path') levels.at(-1)?.ends.push(current)
    else if (name === 'parallel') {
      const level = levels.pop()
      if (level !== undefined) {
        current = level.fork
        joins = level.ends
      }
    }
    from = match.index + match[0].length
  }
  stretch(text.length, text.length)
  if (levels.length === 0) {
    markPathTo(draft, current.id, 'answer')
    // What joins the paths rests on each of them.
    for (const { from: source, to, type } of draft.edges.toReversed()) {
      if (type === 'continues' && draft.nodes[to]!.fate === 'answer') draft.nodes[source]!.fate = 'answer'
    }
  }
  return { draft, owners }
}
