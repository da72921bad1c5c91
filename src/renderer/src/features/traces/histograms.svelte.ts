import type { FilterInput } from '#shared/contract/filter.ts'
import type { ApiOutput } from '#shared/contract/index.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { ChartColumn } from './columns.ts'

export type Histogram = ApiOutput<'traces.histogram'>

const BINS = 16
/** While one types or clicks from filter to filter, nothing is summed up. */
const QUIET_MS = 250

interface Read {
  readonly of: FilterInput
  readonly reading: number
  readonly histogram: Histogram
}

/**
 * How the columns' values are distributed over the selection; read one after another, after the rows.
 * Those of the selection before stand, marked as stale, until their own are there.
 */
export class Histograms {
  #read = $state.raw<ReadonlyMap<ChartColumn, Read>>(new Map())
  #shown = $state.raw<FilterInput | null>(null)
  readonly #engine: Engine
  #turn = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  of(column: ChartColumn): { histogram: Histogram; stale: boolean } | undefined {
    const found = this.#read.get(column)
    return found && { histogram: found.histogram, stale: found.of !== this.#shown }
  }

  /**
   * Reads what is missing; what was asked for before is given up before its next column.
   * @param reading changes when the traces may have
   */
  async show(filter: FilterInput, columns: readonly ChartColumn[], reading: number): Promise<void> {
    const turn = ++this.#turn
    this.#shown = filter
    await new Promise((go) => setTimeout(go, QUIET_MS))
    if (turn !== this.#turn) return
    for (const column of columns) {
      const known = this.#read.get(column)
      if (known?.of === filter && known.reading === reading) continue
      const histogram = await this.#engine.call('traces.histogram', { column, filter, bins: BINS })
      if (turn !== this.#turn) return
      this.#read = new Map(this.#read).set(column, { of: filter, reading, histogram })
    }
  }

  /** Reads no more. */
  stop(): void {
    this.#turn++
  }
}
