import type { FilterInput } from '#shared/contract/filter.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import { HISTOGRAM_COLUMNS, type Histogram, type HistogramColumn } from './bins.ts'

/** Bins of a header's distribution. */
const BINS = 16

/** How the columns' values are distributed over the selection; read one after another, after the rows. */
export class Histograms {
  #read = $state.raw<ReadonlyMap<string, Histogram>>(new Map())
  readonly #engine: Engine
  #turn = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  of(column: string): Histogram | undefined {
    return this.#read.get(column)
  }

  /** Reads those of the columns; what was asked for before is given up. */
  async show(filter: FilterInput, columns: readonly string[]): Promise<void> {
    const turn = ++this.#turn
    const found = new Map<HistogramColumn, Histogram>()
    for (const column of HISTOGRAM_COLUMNS) {
      if (!columns.includes(column)) continue
      const histogram = await this.#engine.call('traces.histogram', { column, filter, bins: BINS })
      if (turn !== this.#turn) return
      found.set(column, histogram)
      // The old ones stay until theirs is there, so that nothing blinks.
      this.#read = new Map([...this.#read, ...found])
    }
  }

  /** Reads no more. */
  stop(): void {
    this.#turn++
  }
}
