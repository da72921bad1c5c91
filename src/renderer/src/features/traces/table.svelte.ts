import { SvelteMap } from 'svelte/reactivity'
import type { ApiOutput } from '#shared/contract/index.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Selection } from './selection-url.ts'

export type Row = ApiOutput<'traces.list'>[number]
export type Snippet = ApiOutput<'traces.search'>[number]

interface Looked {
  readonly done: number
  readonly total: number
}

const PAGE = 100
/** Rows whose snippets are read at once. */
const PART = 25
/** Characters from which on a text takes its time to be looked through. */
const LONG = 100_000
/** A search is counted this long after its first rows are there. */
const COUNT_MS = 150
/** Rows wait this long for their count, so that both are seen at once where both are known at once. */
const WITH_COUNT_MS = 30
/** Pages kept; those read longest ago go first. */
const KEPT = 60

const sleep = (ms: number) => new Promise<null>((go) => setTimeout(() => go(null), ms))

/**
 * The rows of one selection, read page by page as they come into view. A new selection replaces the
 * old rows only when its first page is there, so that the table never blinks.
 */
export class Table {
  count = $state<number | null>(null)
  /** Whether there are no more than `count`; what takes its time is counted when the first rows are shown. */
  counted = $state(true)
  problem = $state<Error | null>(null)
  busy = $state(false)
  /** How many of all traces were looked at for the selection that is being read; null when that is quick. */
  looked = $state.raw<Looked | null>(null)
  /** The selection that the rows belong to. */
  shown = $state.raw<Selection | null>(null)
  /** Counts readings: the rows in view are read anew after each, also where the selection stays the same. */
  reading = $state(0)
  readonly #pages = new SvelteMap<number, readonly Row[]>()
  readonly #snippets = new SvelteMap<number, Snippet>()
  readonly #engine: Engine
  #asked = new Set<number>()
  #turn = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Shows a selection; rows from `first` on are wanted first. */
  async show(selection: Selection, first: number): Promise<void> {
    const turn = ++this.#turn
    this.busy = true
    this.looked = null
    try {
      const page = Math.max(0, Math.floor(first / PAGE))
      const { filter } = selection
      const reading = this.#read(selection, page)
      const counting =
        page === 0 && filter.search !== undefined ? null : this.#engine.call('traces.count', { filter })
      counting?.catch(() => undefined)
      const rows = await reading
      const count = page === 0 ? await Promise.race([counting, sleep(WITH_COUNT_MS)]) : await counting
      if (turn !== this.#turn) return
      const counted = count !== null || rows.length < PAGE
      if (selection === this.shown) {
        // Rows and count of before stand until their own are there: the place is kept.
        if (counted) {
          this.count = count ?? rows.length
          this.counted = true
        }
      } else {
        this.#pages.clear()
        this.#snippets.clear()
        this.count = count ?? rows.length
        this.counted = counted
        this.shown = selection
      }
      this.#asked = new Set([page])
      this.#pages.set(page, rows)
      this.problem = null
      this.reading++
      void this.#readSnippets(selection, rows, turn)
      if (!counted) void this.#countAll(selection, turn, counting)
    } catch (thrown) {
      if (turn === this.#turn) this.problem = thrown as Error
    } finally {
      if (turn === this.#turn) {
        this.busy = false
        if (this.counted) this.looked = null
      }
    }
  }

  async #countAll({ filter }: Selection, turn: number, counting: Promise<number> | null): Promise<void> {
    // Whoever goes on typing does not wait for a count that is out of date.
    if (counting === null) await sleep(COUNT_MS)
    if (turn !== this.#turn) return
    try {
      const count = await (counting ?? this.#engine.call('traces.count', { filter }))
      if (turn !== this.#turn) return
      this.count = count
      this.counted = true
      this.looked = null
    } catch (thrown) {
      if (turn === this.#turn) this.problem = thrown as Error
    }
  }

  /** Hears how far the engine is. */
  hear(looked: Looked): void {
    if (this.busy || !this.counted) this.looked = looked
  }

  /** The row at a place, when it has been read. */
  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE]
  }

  snippet(id: number): Snippet | undefined {
    return this.#snippets.get(id)
  }

  /** Reads what is missing of the rows in view. */
  need(first: number, end: number): void {
    void this.reading
    const selection = this.shown
    if (selection === null) return
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page++) {
      if (this.#asked.has(page)) continue
      this.#asked.add(page)
      void this.#fill(selection, page, this.#turn)
    }
  }

  async #fill(selection: Selection, page: number, turn: number): Promise<void> {
    try {
      const rows = await this.#read(selection, page)
      if (turn !== this.#turn) return
      this.#pages.set(page, rows)
      if (this.#pages.size > KEPT) this.#forget(this.#pages.keys().next().value!)
      void this.#readSnippets(selection, rows, turn)
    } catch (thrown) {
      this.#asked.delete(page)
      if (turn === this.#turn) this.problem = thrown as Error
    }
  }

  #read({ filter, sort }: Selection, page: number): Promise<Row[]> {
    return this.#engine.call('traces.list', { filter, sort, offset: page * PAGE, limit: PAGE })
  }

  #forget(page: number): void {
    this.#pages.delete(page)
    this.#asked.delete(page)
  }

  async #readSnippets({ filter }: Selection, rows: readonly Row[], turn: number): Promise<void> {
    if (filter.search === undefined || rows.length === 0) return
    // In parts, those that are seen first; none of them waits for a text of many megabytes.
    const order = rows.toSorted((a, b) => Number(a.length > LONG) - Number(b.length > LONG))
    for (let at = 0; at < rows.length; at += PART) {
      const ids = order.slice(at, at + PART).map(({ id }) => id)
      const query = filter.search
      const hits = await this.#engine.call('traces.search', { query, filter: { ids }, limit: PART * 2 })
      if (turn !== this.#turn) return
      // Hits in responses come first; a prompt's hit is shown only where there is no other.
      for (const hit of hits) if (!this.#snippets.has(hit.id)) this.#snippets.set(hit.id, hit)
    }
  }
}
