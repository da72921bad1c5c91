import type { ApiOutput } from '#shared/contract/index.ts'
import { labelOf } from '#shared/domain/graph/draft.ts'
import { applyEdits, isInVain } from '#shared/domain/graph/apply-edits.ts'
import type { GraphChange, NodeRef } from '#shared/domain/graph/edits.ts'
import { unpackGraph } from '#shared/domain/graph/packed.ts'
import type { ReasoningGraph } from '#shared/domain/graph/types.ts'
import { bitsOf } from '#shared/domain/graph/view/lead.ts'
import { layoutTree } from '#shared/domain/graph/view/layout.ts'
import { outline, type TreeItem } from '#shared/domain/graph/view/outline.ts'
import { linksOf } from '#shared/domain/graph/view/links.ts'
import { returnsOf } from '#shared/domain/graph/view/returns.ts'
import { nodeText, type NodeText } from '#shared/domain/graph/view/text.ts'
import { firstEndingAfter } from '#shared/domain/sorted.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import { treeLook } from './tree-look.svelte.ts'

type Answer = Omit<ApiOutput<'graphs.get'>, 'graph'> & { readonly graph: ReasoningGraph }

/** A tree with more items than this is opened with its large dead branches folded. */
const MANY = 120
const LARGE = 12

/** A step of its own in many traces, which says nothing. */
const THINK = '<think>'

const EMPTY = { items: [], itemOfNode: new Int32Array(0), itemOfStep: new Int32Array(0) }

/** The reasoning tree of one trace as it is looked at: level, folds, the item one is on. */
export class Tree {
  answer = $state.raw<Answer | null>(null)
  problem = $state.raw<Error | null>(null)
  folded = $state.raw<ReadonlySet<string>>(new Set())
  query = $state('')
  /** The item that was picked, and the text that the reader was at then: it counts while both go together. */
  #picked = $state.raw<{ key: string; at: number } | null>(null)

  readonly traceId: number
  readonly #engine: Engine
  readonly #text: () => string
  readonly #at: () => number

  readonly #edited = $derived.by(() => {
    if (this.answer === null) return null
    const { graph, bounds, edits } = this.answer
    return applyEdits(graph, bounds, edits, this.#text())
  })
  readonly graph = $derived(this.#edited?.graph ?? null)
  readonly origin = $derived(this.#edited?.origin ?? new Int32Array(0))
  /** Edits that no longer fit the graph. */
  readonly lost = $derived(this.#edited?.lost ?? [])
  readonly bounds = $derived(this.answer?.bounds ?? new Uint32Array(0))
  readonly outline = $derived(
    this.graph === null ? EMPTY : outline(this.graph, this.bounds, treeLook.level, this.folded),
  )
  readonly items = $derived(this.outline.items)
  readonly layout = $derived(layoutTree(this.items, treeLook.direction))
  /** Arcs between items; those within one folded item are not to be seen. */
  readonly returns = $derived.by(() => {
    if (this.graph === null) return []
    const { itemOfNode } = this.outline
    return returnsOf(this.graph)
      .map(({ from, to, turn }) => ({
        from: itemOfNode[from]!,
        to: itemOfNode[to]!,
        turn: itemOfNode[turn]!,
      }))
      .filter(({ from, to }) => from !== to)
  })
  readonly links = $derived(this.graph === null ? [] : linksOf(this.graph, this.outline))
  readonly places = $derived(new Map(this.items.map(({ key }, at) => [key, at])))
  /** The item one is on: the picked one, else the one that shows the step the reader is at. */
  readonly active = $derived.by(() => {
    const at = this.#at()
    const picked = this.#picked?.at === at ? this.places.get(this.#picked.key) : undefined
    if (picked !== undefined) return picked
    const step = Math.min(firstEndingAfter(this.bounds, at), this.outline.itemOfStep.length - 1)
    return this.outline.itemOfStep[step] ?? 0
  })
  readonly hits = $derived.by((): readonly number[] => {
    const wanted = this.query.trim().toLowerCase()
    if (wanted === '') return []
    return this.items.flatMap((item, at) => (this.#matches(item, wanted) ? [at] : []))
  })

  /**
   * @param text the response
   * @param at where the reader is, UTF-16
   */
  constructor(engine: Engine, traceId: number, text: () => string, at: () => number) {
    this.#engine = engine
    this.traceId = traceId
    this.#text = text
    this.#at = at
  }

  /** Takes edits over as the engine has them now. */
  setEdits(edits: Answer['edits']): void {
    if (this.answer !== null) this.answer = { ...this.answer, edits }
  }

  /** Whether a change would leave the graph as it is. */
  isInVain(change: GraphChange): boolean {
    const { graph, bounds, edits } = this.answer!
    return isInVain(graph, bounds, edits, this.#text(), change)
  }

  /** How edits name the node of an item; null where there is none. */
  refOf(place: number): NodeRef | null {
    const item = this.items[place]
    if (item === undefined) return null
    const { start, end } = this.graph!.nodes[item.node]!
    const inferred = this.origin[item.node]!
    return { id: inferred < 0 ? item.node : inferred, start, end }
  }

  /** Where the reader is, UTF-16. */
  get at(): number {
    return this.#at()
  }

  get text(): string {
    return this.#text()
  }

  async read(): Promise<void> {
    try {
      const isFirst = this.answer === null
      const { graph, ...rest } = await this.#engine.call('graphs.get', { traceId: this.traceId })
      this.answer = { graph: unpackGraph(graph), ...rest }
      if (isFirst && this.items.length > MANY) this.foldDead(LARGE)
      this.problem = null
    } catch (thrown) {
      this.problem = thrown as Error
    }
  }

  textOf({ key, node, nodes, first, last }: TreeItem): NodeText {
    const text = nodeText(this.graph!.nodes[node]!)
    if (treeLook.level === 'steps' && first >= 0 && (key[0] === 's' || text.detail === '')) {
      const { start, end } = this.spanOf({ first, last: first })
      return { title: labelOf(this.#text(), start, end), detail: '', wrong: null }
    }
    const title = first >= 0 && text.title === THINK ? this.#afterTag({ first, last }) : text.title
    const steps = last - first + 1
    const count = nodes > 1 ? `${nodes} nodes` : text.detail === '' && steps > 1 ? `${steps} steps` : ''
    return { ...text, title, detail: [text.detail, count].filter((part) => part !== '').join(' · ') }
  }

  /** What a stretch begins with after the tag that opens the thoughts. */
  #afterTag(item: Pick<TreeItem, 'first' | 'last'>): string {
    const { start, end } = this.spanOf(item)
    return labelOf(this.#text(), start + THINK.length, end) || THINK
  }

  /** The sentences of an item. */
  sentenceOf(item: TreeItem): string {
    if (item.first < 0) return ''
    const { start, end } = this.spanOf(item)
    return this.#text().slice(start, end)
  }

  spanOf({ first, last }: Pick<TreeItem, 'first' | 'last'>): Span {
    return { start: this.bounds[first * 2]!, end: this.bounds[last * 2 + 1]! }
  }

  /** Behaviours of the step that opens an item, as bits. */
  behavioursOf({ first }: TreeItem): number {
    return bitsOf(this.answer!.shown, first)
  }

  /** Makes an item the one that one is on; the text it stands for, null where it has none. */
  pick(place: number): Span | null {
    const item = this.items[place]
    if (item === undefined) return null
    const span = item.first < 0 ? null : this.spanOf(item)
    this.#picked = { key: item.key, at: span?.start ?? this.#at() }
    return span
  }

  fold(place: number, folded?: boolean): void {
    const item = this.items[place]
    if (item === undefined || item.parentOf === 0) return
    const next = new Set(this.folded)
    if (folded ?? !next.has(item.key)) next.add(item.key)
    else next.delete(item.key)
    this.folded = next
  }

  unfoldAll(): void {
    this.folded = new Set()
  }

  /** Folds every branch that the answer does not rest on, at the place where it leaves, if it has so many items. */
  foldDead(least = 2): void {
    const { items } = this
    const size = new Int32Array(items.length).fill(1)
    for (let at = items.length - 1; at > 0; at--) size[items[at]!.parent]! += size[at]!
    const dead = items.filter(
      ({ fate, parent }, at) =>
        fate !== 'answer' && parent >= 0 && items[parent]!.fate === 'answer' && size[at]! >= least,
    )
    this.folded = new Set([...this.folded, ...dead.map(({ key }) => key)])
  }

  #matches(item: TreeItem, wanted: string): boolean {
    const { title, detail } = this.textOf(item)
    return `${title} ${detail} ${this.sentenceOf(item)}`.toLowerCase().includes(wanted)
  }
}
