import type { ApiOutput } from '#shared/contract/index.ts'
import type { Engine } from '../../app/engine.svelte.ts'

type Stored = ApiOutput<'views.list'>[number]

/** What a saved view brings back. */
export interface ViewState {
  /** Filter and sort, as the address has them. */
  readonly query: string
  /** Columns that are not shown. */
  readonly hidden: readonly string[]
}

export interface SavedView {
  readonly name: string
  readonly state: ViewState
}

const KEY = 'cairn.traces.view'

/** The saved views of the workspace, and which one a person went to last. */
export class SavedViews {
  list = $state.raw<readonly SavedView[]>([])
  /** Name of the view that was chosen or saved last, in this tab. */
  current = $state(sessionStorage.getItem(KEY))
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async read(): Promise<void> {
    this.list = (await this.#engine.call('views.list', {})).flatMap(readView)
  }

  async save(name: string, state: ViewState): Promise<void> {
    const { query, hidden } = state
    await this.#engine.save('views.save', { name, state: { query, hidden: [...hidden] } })
    this.choose(name)
    await this.read()
  }

  async remove(name: string): Promise<void> {
    await this.#engine.save('views.remove', { name })
    if (this.current === name) this.choose(null)
    await this.read()
  }

  choose(name: string | null): void {
    this.current = name
    if (name === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, name)
  }
}

/** Whether two states show the same. */
export function sameState(a: ViewState, b: ViewState): boolean {
  return a.query === b.query && [...a.hidden].sort().join() === [...b.hidden].sort().join()
}

/** What is stored may come from another version: what it does not say is as it is at first. */
function readView({ name, state }: Stored): SavedView[] {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return []
  const { query, hidden } = state as { query?: unknown; hidden?: unknown }
  return [
    {
      name,
      state: {
        query: typeof query === 'string' ? query : '',
        hidden: Array.isArray(hidden) ? hidden.filter((id) => typeof id === 'string') : [],
      },
    },
  ]
}
