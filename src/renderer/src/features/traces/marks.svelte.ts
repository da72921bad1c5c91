import { SvelteSet } from 'svelte/reactivity'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Selection } from './selection-url.ts'

/** Most traces that are marked one by one; more are marked as "all that fit". */
export const MOST_MARKED = 50_000

/**
 * The traces that a person has marked to do something with: some, by id, which stay marked while the table
 * is sorted, filtered and scrolled, or all that fit the filter but a few, which stays a filter.
 */
export class Marks {
  /** Marked one by one; where all are marked, those that are not. */
  readonly #ids = new SvelteSet<number>()
  #all = $state.raw<Selection | null>(null)
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

  get ids(): readonly number[] {
    return [...this.#ids].sort((a, b) => a - b)
  }

  /** What is marked, as a filter. */
  get filter(): FilterInput {
    if (this.#all === null) return { ids: [...this.ids] }
    return this.#ids.size === 0 ? this.#all.filter : { ...this.#all.filter, except: [...this.ids] }
  }

  toggle(id: number): void {
    if (!this.#ids.delete(id)) this.#ids.add(id)
  }

  markAll(selection: Selection): void {
    this.#ids.clear()
    this.#all = selection
  }

  clear(): void {
    this.#ids.clear()
    this.#all = null
  }

  /**
   * Marks the rows `first` … `last` of a selection, both counted.
   * @returns whether there were few enough of them
   */
  async markRows({ filter, sort }: Selection, first: number, last: number): Promise<boolean> {
    if (this.#ids.size + last - first + 1 > MOST_MARKED) return false
    if (this.all) this.clear()
    const ids = await this.#engine.call('traces.ids', {
      filter,
      sort,
      offset: first,
      limit: last - first + 1,
    })
    for (const id of ids) this.#ids.add(id)
    return true
  }
}
