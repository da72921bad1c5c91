import type { GraphChange, NodeRef } from '#shared/domain/graph/edits.ts'
import { firstEndingAfter } from '#shared/domain/sorted.ts'
import { CairnError } from '#shared/errors.ts'
import type { AppContext } from '../../app/context.ts'
import type { Tree } from './tree.svelte.ts'

const TOAST = 'tree-edit'

/** What a person changes in a tree. Every change is an edit beside the inferred graph, and can be undone. */
export class Editing {
  /** What is being moved: where to is asked for next. */
  moving = $state.raw<{
    readonly kind: 'attach' | 'return'
    readonly key: string
    readonly node: NodeRef
  } | null>(null)
  readonly #app: Pick<AppContext, 'outbox' | 'session' | 'toasts'>
  readonly #tree: Tree

  constructor(app: Pick<AppContext, 'outbox' | 'session' | 'toasts'>, tree: Tree) {
    this.#app = app
    this.#tree = tree
  }

  markDead = () =>
    this.#onActive((node) => this.#add({ kind: 'fate', node, fate: 'abandoned' }, 'mark a branch as dead'))
  markAnswer = () =>
    this.#onActive((node) => this.#add({ kind: 'fate', node, fate: 'answer' }, 'mark a branch as answer'))
  merge = () =>
    this.#onActive((node) => {
      const { graph, items, active } = this.#tree
      if (graph!.nodes[items[active]!.node]!.parent === 0)
        this.#say('It hangs from the problem itself: there is nothing to merge it with.')
      else this.#add({ kind: 'merge', node }, 'merge two nodes')
    })

  /** Starts to move the active node, or where it returns to. */
  move = (kind: 'attach' | 'return') =>
    this.#onActive((node) => {
      this.moving = { kind, node, key: this.#tree.items[this.#tree.active]!.key }
    })

  /** Moves to the active node what is being moved. */
  set = () => {
    const { moving } = this
    if (moving === null) return
    const to = this.#tree.refOf(this.#tree.active)
    if (to === null || this.#tree.items[this.#tree.active]!.key === moving.key)
      return this.#say('Go to another node first.')
    const { kind, node } = moving
    if (this.#add({ kind, node, to }, kind === 'attach' ? 'attach a node elsewhere' : 'move a return point'))
      this.moving = null
  }

  /** What is being moved returns nowhere. */
  clear = () => {
    const { moving } = this
    this.moving = null
    if (moving?.kind === 'return')
      this.#add({ kind: 'return', node: moving.node, to: null }, 'remove a return')
  }

  leave = () => {
    this.moving = null
  }

  /** Begins another node with the step one is on. */
  split = () =>
    this.#onActive((node) => {
      const { items, active, bounds, graph, at } = this.#tree
      const item = items[active]!
      const step = item.key[0] === 's' ? item.first : firstEndingAfter(bounds, at)
      const owner = graph!.owner
      if (owner[step] !== item.node || owner.indexOf(item.node) === step)
        return this.#say('A node is split at a step inside it: go to that step in the text, or show steps.')
      this.#add({ kind: 'split', node, step }, 'split a node')
    })

  /** Takes every edit of this trace away, in one go. */
  removeAll = () => {
    const remove = this.#tree.answer!.edits.map(({ id }) => id)
    if (remove.length > 0) this.#send({ add: [], remove }, 'take back every edit of the tree')
  }

  #onActive(work: (node: NodeRef) => void): void {
    const node = this.#tree.refOf(this.#tree.active)
    if (node === null || this.#tree.active === 0)
      this.#say('The problem itself stays as it is: go to a node first.')
    else work(node)
  }

  /** Whether the change was sent: one that changes nothing is not. */
  #add(change: GraphChange, title: string): boolean {
    if (this.#tree.isInVain(change)) {
      this.#say('That would make a circle, or the node is gone. Nothing changes.')
      return false
    }
    this.#send({ add: [change], remove: [] }, title)
    return true
  }

  #send(change: { add: GraphChange[]; remove: number[] }, title: string): void {
    const { outbox, session, toasts } = this.#app
    const { traceId } = this.#tree
    outbox
      .send('graphs.edit', { traceId, annotator: session.annotator, ...change }, title)
      .then((edits) => {
        this.#tree.setEdits(edits)
        if (this.#tree.lost.includes(edits.at(-1)?.id ?? -1))
          this.#say('That would make a circle, or the node is gone. Nothing changes; Z takes the edit back.')
      })
      .catch((thrown: unknown) => {
        if (!(thrown instanceof CairnError && thrown.code === 'cancelled')) toasts.fail(thrown)
      })
  }

  #say(text: string): void {
    this.#app.toasts.show(text, { key: TOAST })
  }
}
