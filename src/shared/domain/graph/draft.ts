import type { Fate, Flag, GraphEdge, NodeKind, NodeState } from './types.ts'

/** A node while a graph is being built. */
export interface DraftNode {
  id: number
  parent: number | null
  start: number
  end: number
  kind: NodeKind
  label: string
  state?: NodeState
  fate: Fate
  count?: number
  flags?: Flag[]
}

export interface Draft {
  readonly nodes: DraftNode[]
  readonly edges: GraphEdge[]
}

export function createDraft(): Draft {
  return { nodes: [], edges: [] }
}

/** Adds a node, and the edge by which it continues its parent. */
export function addNode(
  draft: Draft,
  node: Omit<DraftNode, 'id' | 'fate'> & { fate?: Fate; confidence?: number },
): DraftNode {
  const { confidence = 1, fate = 'open', ...rest } = node
  const made: DraftNode = { id: draft.nodes.length, fate, ...rest }
  draft.nodes.push(made)
  if (made.parent !== null) {
    draft.edges.push({ from: made.parent, to: made.id, type: 'continues', confidence })
  }
  return made
}

export function flag(node: DraftNode, name: Flag): void {
  if (node.flags === undefined) node.flags = [name]
  else if (!node.flags.includes(name)) node.flags.push(name)
}

/** Gives the node and its ancestors a fate. */
export function markPathTo(draft: Draft, id: number, fate: Fate): void {
  for (let at: number | null = id; at !== null; at = draft.nodes[at]!.parent) draft.nodes[at]!.fate = fate
}

const LONGEST_LABEL = 80

/** The beginning of a stretch of text on one line, without Markdown emphasis and the marks of a heading. */
export function labelOf(text: string, start: number, end: number): string {
  const line = text
    .slice(start, Math.min(end, start + 4 * LONGEST_LABEL))
    .replace(/\*\*|\$\$?|\s+/g, (mark) => (/\s/.test(mark) ? ' ' : ''))
    .trim()
    .replace(/^#{1,6} /, '')
  if (line.length <= LONGEST_LABEL) return line
  const cut = line.slice(0, LONGEST_LABEL)
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
