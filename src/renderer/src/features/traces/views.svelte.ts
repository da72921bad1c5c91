import type { ApiOutput } from '#shared/contract/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { AppContext } from '../../app/context.ts'
import { keepLayout } from './columns.svelte.ts'
import { parseLayout, sameLayout, type Layout } from './layout.ts'

type Stored = ApiOutput<'views.list'>[number]
type App = Pick<AppContext, 'engine' | 'toasts'>

/** What a saved view brings back. */
export interface ViewState {
  /** Filter and sort, as the address has them. */
  readonly query: string
  /** The columns, their order and their widths. */
  readonly layout: Layout
}

export interface SavedView {
  readonly name: string
  readonly state: ViewState
}

const KEY = 'cairn.traces.view'

/**
 * The saved views of the workspace, and which one a person went to last. What replaces or removes one
 * can be taken back from the message that tells of it.
 */
export class SavedViews {
  list = $state.raw<readonly SavedView[]>([])
  /** Name of the view that was chosen or saved last, in this tab. */
  current = $state(sessionStorage.getItem(KEY))
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  async read(): Promise<void> {
    this.list = readViews(await this.#app.engine.call('views.list', {}))
  }

  find(name: string | null): SavedView | undefined {
    return this.list.find((view) => view.name === name)
  }

  /** Saves under a name; a view that has it is replaced. */
  async save(name: string, state: ViewState): Promise<void> {
    const before = this.find(name)
    await this.#put(name, state)
    if (before === undefined) this.#app.toasts.show(`Saved the view “${name}”.`)
    else this.#tell(`Saved the change to “${name}”.`, () => this.#put(name, before.state))
  }

  async remove({ name, state }: SavedView): Promise<void> {
    const { current } = this
    await this.#app.engine.save('views.remove', { name })
    if (current === name) this.choose(null)
    await this.read()
    this.#tell(`Removed the view “${name}”.`, async () => {
      await this.#put(name, state)
      if (current !== name) this.choose(current)
    })
  }

  /** @throws CairnError `conflict` when another view is called that */
  async rename(name: string, to: string): Promise<void> {
    const view = await this.#app.engine.save('views.rename', { name, to })
    if (this.current === name) this.choose(view.name)
    await this.read()
  }

  choose(name: string | null): void {
    this.current = name
    if (name === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, name)
  }

  async #put(name: string, { query, layout }: ViewState): Promise<void> {
    const state = { query, layout } as unknown as Json
    await this.#app.engine.save('views.save', { name, state })
    this.choose(name)
    await this.read()
  }

  #tell(text: string, undo: () => Promise<void>): void {
    const { toasts } = this.#app
    const run = () => void undo().catch((thrown: unknown) => toasts.fail(thrown))
    toasts.show(text, { action: { label: 'Undo', run } })
  }
}

/** Whether two states show the same. */
export function sameState(a: ViewState, b: ViewState): boolean {
  return a.query === b.query && sameLayout(a.layout, b.layout)
}

/** Views as they are stored; those that cannot be read are left out. */
export const readViews = (stored: readonly Stored[]): SavedView[] => stored.flatMap(readView)

/** Makes a view the one that the Traces view opens with next, at the view's address. */
export function chooseNext({ name, state }: SavedView): void {
  sessionStorage.setItem(KEY, name)
  keepLayout(state.layout)
}

/** What is stored may come from another version: what it does not say is as it is at first. */
function readView({ name, state }: Stored): SavedView[] {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return []
  const { query, layout } = state as { query?: unknown; layout?: unknown }
  return [{ name, state: { query: typeof query === 'string' ? query : '', layout: parseLayout(layout) } }]
}
