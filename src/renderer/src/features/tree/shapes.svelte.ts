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

/** The shapes of a selection of traces, read where one looks. */
export class Shapes {
  count = $state<number | null>(null)
  /** Traces of the selection whose graphs are not measured. */
  unmeasured = $state(0)
  problem = $state.raw<Error | null>(null)
  #pages = $state.raw<ReadonlyMap<number, readonly ShapeCell[]>>(new Map())
  readonly #engine: Engine
  #selection = $state.raw<Selection | null>(null)
  #asked = new Set<number>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  at(place: number): ShapeCell | undefined {
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE]
  }

  /** Shows another selection. */
  async show(selection: Selection): Promise<void> {
    this.#selection = selection
    this.#asked = new Set()
    this.#pages = new Map()
    void this.#countUnmeasured(selection)
    await this.#attempt(async () => {
      const count = await this.#engine.call('traces.count', { filter: selection.filter })
      if (this.#selection === selection) this.count = count
    })
  }

  /** Reads the traces between two places that are not there yet. */
  async look(from: number, to: number): Promise<void> {
    if (this.#selection === null) return
    for (let page = Math.floor(from / PAGE); page * PAGE < to; page++) {
      if (this.#asked.has(page)) continue
      this.#asked.add(page)
      await this.#attempt(() => this.#read(page))
    }
  }

  async #countUnmeasured(selection: Selection): Promise<void> {
    const { filter } = selection
    // `measured` has one place in a filter: asking for those that are not would ask for others than these.
    const count =
      filter.measured === true
        ? 0
        : await this.#engine.call('traces.count', { filter: { ...filter, measured: false } }).catch(() => 0)
    if (this.#selection === selection) this.unmeasured = count
  }

  async #read(page: number): Promise<void> {
    const selection = this.#selection!
    const { filter, sort } = selection
    const rows = await this.#engine.call('traces.list', { filter, sort, offset: page * PAGE, limit: PAGE })
    if (this.#selection !== selection) return
    const stored = rows.every(({ graph }) => graph !== null)
    if (!stored) this.#put(page, rows, new Map())
    // What is short is there first.
    const ids = rows.toSorted((a, b) => a.length - b.length).map(({ id }) => id)
    const part = stored ? PAGE : PART
    const decoded = new Map<number, Shape>()
    for (let from = 0; from < ids.length; from += part) {
      const shapes = await this.#engine.call('graphs.shapes', { ids: ids.slice(from, from + part) })
      if (this.#selection !== selection) return
      for (const { id, shape } of shapes) decoded.set(id, decodeShape(shape))
      this.#put(page, rows, decoded)
    }
  }

  #put(page: number, rows: readonly ShapeCell['row'][], shapes: ReadonlyMap<number, Shape>): void {
    const cells = rows.map((row) => ({ row, shape: shapes.get(row.id) ?? null }))
    const pages = new Map(this.#pages).set(page, cells)
    const [oldest] = pages.keys()
    if (pages.size > KEPT) {
      pages.delete(oldest!)
      this.#asked.delete(oldest!)
    }
    this.#pages = pages
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.problem = null
    } catch (thrown) {
      this.problem = thrown as Error
    }
  }
}
