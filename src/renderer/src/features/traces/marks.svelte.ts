import { SvelteSet } from 'svelte/reactivity'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Selection } from './selection-url.ts'

/** Most traces that are marked one by one; more are marked as "all that fit". */
export const MOST_MARKED = 50_000
const PAGE = 5_000

/**
 * The traces that a person has marked to do something with: some, by id, which stay marked while the table
 * is sorted, filtered and scrolled, or all that fit the filter, which stays a filter.
 */
export class Marks {
  readonly #ids = new SvelteSet<number>()
  #all = $state.raw<Selection | null>(null)
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get all(): boolean {
    return this.#all !== null
  }

  get size(): number {
    return this.#ids.size
  }

  get any(): boolean {
    return this.all || this.size > 0
  }

  has(id: number): boolean {
    return this.all || this.#ids.has(id)
  }

  get ids(): readonly number[] {
    return [...this.#ids].sort((a, b) => a - b)
  }

  /** What is marked, as a filter. */
  get filter(): FilterInput {
    return this.#all?.filter ?? { ids: [...this.ids] }
  }

  toggle(id: number): void {
    this.#all = null
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
    this.#all = null
    for (let offset = first; offset <= last; offset += PAGE) {
      const limit = Math.min(PAGE, last - offset + 1)
      for (const { id } of await this.#engine.call('traces.list', { filter, sort, offset, limit }))
        this.#ids.add(id)
    }
    return true
  }
}
