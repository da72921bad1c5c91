import type { FilterInput } from '#shared/contract/filter.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Selection } from './selection-url.ts'

/** Most traces that are marked one by one; more are marked as "all that fit". */
export const MOST_MARKED = 50_000
/** Most numbers that are copied. */
export const MOST_COPIED = 1_000_000

const NONE: ReadonlySet<number> = new Set()

/**
 * The traces that a person has marked to do something with: some, by id, which stay marked while the table
 * is sorted, filtered and scrolled, or all that fit the filter but a few, which stays a filter.
 */
export class Marks {
  /** Marked one by one; where all are marked, those that are not. */
  #ids = $state.raw<ReadonlySet<number>>(NONE)
  /** What was marked before the range that is being drawn. */
  #before = NONE
  #all = $state.raw<Selection | null>(null)
  #turn = 0
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get all(): boolean {
    return this.#all !== null
  }

  /** How many are marked, of `total` that fit the filter. */
  count(total: number): number {
    return this.all ? total - this.#ids.size : this.#ids.size
  }

  get any(): boolean {
    return this.all || this.#ids.size > 0
  }

  has(id: number): boolean {
    return this.all !== this.#ids.has(id)
  }

  /** What is marked, as a filter. */
  get filter(): FilterInput {
    const ids = [...this.#ids].sort((a, b) => a - b)
    if (this.#all === null) return { ids }
    return ids.length === 0 ? this.#all.filter : { ...this.#all.filter, except: ids }
  }

  toggle(id: number): void {
    const ids = new Set(this.#ids)
    if (!ids.delete(id)) ids.add(id)
    this.#set(ids)
  }

  /** From here on a range is marked besides what is marked now. */
  begin(): void {
    this.#before = this.#ids
  }

  markAll(selection: Selection): void {
    this.#all = selection
    this.#set(NONE)
  }

  /** Another filter, maybe, is shown: all that fitted the one before are no longer what one sees. */
  leave(filter: FilterInput): void {
    if (this.#all !== null && JSON.stringify(this.#all.filter) !== JSON.stringify(filter)) this.clear()
  }

  clear(): void {
    this.#all = null
    this.#set(NONE)
  }

  /**
   * Marks the rows `first` … `last` of a selection, both counted, besides what was marked before; they
   * take the place of the range that was marked just before from the same row.
   * @returns whether there were few enough of them
   */
  async markRows({ filter, sort }: Selection, first: number, last: number): Promise<boolean> {
    if (this.all) this.clear()
    if (this.#before.size + last - first + 1 > MOST_MARKED) return false
    const turn = ++this.#turn
    const ids = await this.#engine.call('traces.ids', {
      filter,
      sort,
      offset: first,
      limit: last - first + 1,
    })
    if (turn === this.#turn) this.#ids = this.#before.union(new Set(ids))
    return true
  }

  /** Numbers of what is marked, rising; of many the first `MOST_COPIED`. */
  async numbers(): Promise<Uint32Array> {
    const { filter } = this
    return this.#engine.call('traces.ids', { filter, limit: MOST_COPIED })
  }

  #set(ids: ReadonlySet<number>): void {
    this.#turn++
    this.#ids = ids
    this.#before = ids
  }
}
