import { expect, it, vi } from 'vitest'
import type { AppContext } from '#renderer/app/context.ts'
import { Editing } from '#renderer/features/tree/editing.svelte.ts'
import type { Tree } from '#renderer/features/tree/tree.svelte.ts'
import { isInVain } from '#shared/domain/graph/apply-edits.ts'
import type { GraphChange } from '#shared/domain/graph/edits.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { graphOf } from '../graph/support.ts'

const PARTS = ['First. ', 'Second. ', 'Third. ']
const text = PARTS.join('')
const bounds = segment(text)
/** Nodes 1, 2 and 3, in a line below the problem. */
const graph = graphOf(text, {
  metadata: {
    chunks: PARTS.map((chunk, index) => ({
      ...{ chunk, chunk_idx: index, start: bounds[index * 2]!, end: bounds[index * 2 + 1]! },
      depends_on: index === 0 ? [] : [String(index - 1)],
    })),
  },
})

/** A tree without edits, every node an item, and what is said and sent. */
function start() {
  const tree = {
    ...{ traceId: 1, graph, active: 0, lost: [], setEdits: () => undefined },
    items: graph.nodes.map(({ id }) => ({ key: `n${id}`, node: id })),
    refOf: (place: number) => graph.nodes[place]!,
    isInVain: (change: GraphChange) => isInVain(graph, bounds, [], text, change),
  }
  const said: string[] = []
  const sent: GraphChange[] = []
  const send = vi.fn((_method: string, { add }: { add: GraphChange[] }) => {
    sent.push(...add)
    return Promise.resolve([])
  })
  const toasts = { show: (words: string) => void said.push(words) }
  const app = { outbox: { send }, session: { annotator: 'me' }, toasts } as unknown as AppContext
  return { tree, editing: new Editing(app, tree as unknown as Tree), said, sent }
}

it('says of a node that hangs from the problem that there is nothing to merge it with, and sends nothing', () => {
  const { tree, editing, said, sent } = start()
  tree.active = 1
  editing.merge()
  expect(said).toEqual(['It hangs from the problem itself: there is nothing to merge it with.'])
  expect(sent).toEqual([])
  tree.active = 2
  editing.merge()
  expect(sent).toMatchObject([{ kind: 'merge', node: { id: 2 } }])
})

it.each(['attach', 'return'] as const)(
  'sends no %s below the node itself, and waits for another place',
  (kind) => {
    const { tree, editing, said, sent } = start()
    tree.active = 2
    editing.move(kind)
    tree.active = 3
    editing.set()
    expect(said).toEqual([expect.stringContaining('circle')])
    expect(sent).toEqual([])
    expect(editing.moving).toMatchObject({ kind })
    tree.active = 0
    editing.set()
    expect(sent).toMatchObject([{ kind, node: { id: 2 }, to: { id: 0 } }])
    expect(editing.moving).toBeNull()
  },
)
