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

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Counts a recipe; an empty name takes it away. */
  async show(name: string, text: string, filter: FilterInput): Promise<void> {
    this.name = name
    this.preview = null
    this.failure = null
    if (name === '') return
    this.busy = true
    try {
      const preview = await this.#engine.call('curate.preview', {
        ...{ text, filter, ticket: this.#ticket },
        rows: 0,
      })
      if (this.name === name) this.preview = preview
    } catch (thrown) {
      const cancelled = thrown instanceof CairnError && thrown.code === 'cancelled'
      if (this.name === name && !cancelled) this.failure = (thrown as Error).message
    } finally {
      if (this.name === name) this.busy = false
    }
  }
}
