import type { FilterInput } from '#shared/contract/filter.ts'
import type { Preview } from '#shared/contract/recipes.ts'
import { CairnError } from '#shared/errors.ts'
import type { Engine } from '../../app/engine.svelte.ts'

/** Another recipe on the same traces, to be seen beside the one on the desk. */
export class Beside {
  name = $state('')
  preview = $state.raw<Preview | null>(null)
  failure = $state<string | null>(null)
  busy = $state(false)

  readonly #engine: Engine
  readonly #ticket = crypto.randomUUID()
  #turn = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Counts a recipe; an empty name takes it away. Call again when the traces are others. */
  async show(name: string, text: string, filter: FilterInput): Promise<void> {
    const turn = ++this.#turn
    this.name = name
    this.preview = null
    this.failure = null
    this.busy = name !== ''
    if (!this.busy) return
    try {
      const preview = await this.#engine.call('curate.preview', {
        ...{ text, filter, ticket: this.#ticket },
        rows: 0,
      })
      if (turn === this.#turn) this.preview = preview
    } catch (thrown) {
      const cancelled = thrown instanceof CairnError && thrown.code === 'cancelled'
      if (turn === this.#turn && !cancelled) this.failure = (thrown as Error).message
    } finally {
      if (turn === this.#turn) this.busy = false
    }
  }
}
