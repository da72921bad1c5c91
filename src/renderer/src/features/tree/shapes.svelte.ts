import { untrack } from 'svelte'
import type { ApiOutput } from '#shared/contract/index.ts'
import { decodeShape, type Shape } from '#shared/domain/graph/view/shape-codec.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Selection } from '../traces/index.ts'

export interface ShapeCell {
  readonly row: ApiOutput<'traces.list'>[number]
  /** Null until it has been read. */
  readonly shape: Shape | null
}

/** Traces read at once, and pages kept, those looked at last. */
const PAGE = 120
const KEPT = 80
/** Shapes asked for at once where some are not stored: they are built, which takes seconds for a text of megabytes. */
const PART = 24

/**
 * The shapes of a selection of traces, read where one looks. Where the selection is read anew, its old shapes stay until
 * the new ones are there.
 */
export class Shapes {
  count = $state<number | null>(null)
  /** Traces of the selection whose graphs are not measured. */
  unmeasured = $state(0)
  problem = $state.raw<Error | null>(null)
  #pages = $state.raw<ReadonlyMap<number, readonly ShapeCell[]>>(new Map())
  readonly #engine: Engine
  #selection: Selection | null = null
  /** Counts readings: what is looked at is read anew after each, also where the selection stays the same. */
  #reading = $state(0)
  #asked = new Set<number>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  at(place: number): ShapeCell | undefined {
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE]
  }

  /** Shows a selection, or reads it anew. */
  async show(selection: Selection): Promise<void> {
    // What calls this is not to run again for it.
    const turn = untrack(() => ++this.#reading)
    if (selection !== this.#selection) this.#pages = new Map()
    this.#selection = selection
    this.#asked = new Set()
    void this.#countUnmeasured(selection, turn)
    await this.#attempt(turn, async () => {
      const count = await this.#engine.call('traces.count', { filter: selection.filter })
      if (turn === this.#reading) this.count = count
    })
  }

  /** Reads the traces between two places that are not there yet. */
  async look(from: number, to: number): Promise<void> {
    const turn = this.#reading
    const selection = this.#selection
    if (selection === null) return
    for (let page = Math.floor(from / PAGE); page * PAGE < to && turn === this.#reading; page++) {
      if (this.#asked.has(page)) continue
      this.#asked.add(page)
      await this.#attempt(turn, () => this.#read(selection, page, turn))
    }
  }

  async #countUnmeasured({ filter }: Selection, turn: number): Promise<void> {
    // `measured` has one place in a filter: asking for those that are not would ask for others than these.
    // Awaited in any case: what calls `show` is not to run again for what is read and said here.
    const count = await (filter.measured === true
      ? 0
      : this.#engine.call('traces.count', { filter: { ...filter, measured: false } }).catch(() => 0))
    if (turn === this.#reading) this.unmeasured = count
  }

  async #read({ filter, sort }: Selection, page: number, turn: number): Promise<void> {
    const rows = await this.#engine.call('traces.list', { filter, sort, offset: page * PAGE, limit: PAGE })
    if (turn !== this.#reading) return
    const decoded = new Map(this.#pages.get(page)?.map(({ row, shape }) => [row.id, shape]))
    const stored = rows.every(({ graph }) => graph !== null)
    if (!stored) this.#put(page, rows, decoded)
    // What is short is there first.
    const ids = rows.toSorted((a, b) => a.length - b.length).map(({ id }) => id)
    const part = stored ? PAGE : PART
    for (let from = 0; from < ids.length; from += part) {
      const shapes = await this.#engine.call('graphs.shapes', { ids: ids.slice(from, from + part) })
      if (turn !== this.#reading) return
      for (const { id, shape } of shapes) decoded.set(id, decodeShape(shape))
      this.#put(page, rows, decoded)
    }
  }

  #put(page: number, rows: readonly ShapeCell['row'][], shapes: ReadonlyMap<number, Shape | null>): void {
    const cells = rows.map((row) => ({ row, shape: shapes.get(row.id) ?? null }))
    const pages = new Map(this.#pages)
    // The one put last is the last to go, also where it was there before.
    pages.delete(page)
    pages.set(page, cells)
    const [oldest] = pages.keys()
    if (pages.size > KEPT) {
      pages.delete(oldest!)
      this.#asked.delete(oldest!)
    }
    this.#pages = pages
  }

  async #attempt(turn: number, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      if (turn === this.#reading) this.problem = null
    } catch (thrown) {
      if (turn === this.#reading) this.problem = thrown as Error
    }
  }
}
