import type { ApiOutput } from '#shared/contract/index.ts'
import { matchSteps } from '#shared/domain/graph/match-steps.ts'
import { firstEndingAfter } from '#shared/domain/sorted.ts'
import type { Engine } from '../../app/engine.svelte.ts'

type Side = 0 | 1

/** Two traces beside each other, and where one reads in each. */
export class Pair {
  details = $state.raw<readonly [ApiOutput<'traces.get'>, ApiOutput<'traces.get'>] | null>(null)
  bounds = $state.raw<readonly [Uint32Array, Uint32Array] | null>(null)
  problem = $state.raw<Error | null>(null)
  /** Offsets in the responses, UTF-16. */
  at = $state.raw<readonly [number, number]>([0, 0])
  readonly ids: readonly [number, number]
  readonly #engine: Engine

  readonly matches = $derived.by(() => {
    if (this.details === null || this.bounds === null) return []
    const [left, right] = this.details
    return matchSteps(left.response, this.bounds[0], right.response, this.bounds[1])
  })
  /** For each side: the step of the other one that matches. */
  readonly partner = $derived([
    new Map(this.matches.map(({ left, right }) => [left, right])),
    new Map(this.matches.map(({ left, right }) => [right, left])),
  ] as const)

  constructor(engine: Engine, ids: readonly [number, number]) {
    this.#engine = engine
    this.ids = ids
  }

  async read(): Promise<void> {
    try {
      const [left, right] = this.ids
      const details = await Promise.all([
        this.#engine.call('traces.get', { id: left }),
        this.#engine.call('traces.get', { id: right }),
      ])
      const graphs = await Promise.all([
        this.#engine.call('graphs.get', { traceId: left }),
        this.#engine.call('graphs.get', { traceId: right }),
      ])
      this.bounds = [graphs[0].bounds, graphs[1].bounds]
      this.details = details
      this.problem = null
    } catch (thrown) {
      this.problem = thrown as Error
    }
  }

  stepAt(side: Side): number {
    const bounds = this.bounds![side]
    return Math.min(firstEndingAfter(bounds, this.at[side]), bounds.length / 2 - 1)
  }

  /** Goes to an offset of one side, and to the matching step of the other where there is one. */
  go(side: Side, offset: number): void {
    const other: Side = side === 0 ? 1 : 0
    const next: [number, number] = [...this.at]
    next[side] = offset
    this.at = next
    const match = this.partner[side].get(this.stepAt(side))
    if (match !== undefined) next[other] = this.bounds![other][match * 2]!
    this.at = [...next]
  }
}
