import type { FilterInput } from '#shared/contract/filter.ts'
import type { Preview, SavedRecipe } from '#shared/contract/recipes.ts'
import type { FunnelStep } from '#shared/contract/recipes.ts'
import { readRecipe, writeRecipe } from '#shared/domain/curate/document.ts'
import type { Recipe } from '#shared/domain/curate/recipe.ts'
import { CairnError } from '#shared/errors.ts'
import { curateSource, putCurateSource } from '../../app/curate-source.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Toasts } from '../../ui/toasts.svelte.ts'

/** Pause in typing after which the counts are made anew. */
const PAUSE_MS = 350
const KEPT = 'cairn.curate'
const FIRST = 'backtracking-verification'

/** The recipe on the desk, and what it comes to. The text is the truth; the form writes the text. */
export class Desk {
  text = $state('')
  /** The traces that sets are made from, as chosen in Traces; null for all. */
  source = $state.raw<FilterInput | null>(curateSource())
  recipes = $state.raw<readonly SavedRecipe[]>([])
  preview = $state.raw<Preview | null>(null)
  /** Of the preview that is being made; null when none is. */
  progress = $state.raw<{ done: number; total: number; funnel: readonly FunnelStep[] } | null>(null)
  /** Why there is no preview. */
  failure = $state<string | null>(null)
  readonly #read = $derived(readRecipe(this.text))
  readonly recipe = $derived(this.#read.recipe)
  readonly problems = $derived(this.#read.problems)
  /** The saved or built-in recipe of the same name. */
  readonly known = $derived(this.recipes.find(({ name }) => name === this.recipe?.name) ?? null)
  readonly changed = $derived(this.known === null || this.known.text !== this.text)

  readonly #engine: Engine
  readonly #ticket = crypto.randomUUID()
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = 0

  constructor(engine: Engine) {
    this.#engine = engine
    this.text = sessionStorage.getItem(KEPT) ?? ''
  }

  /** Reads the recipes; the first time one is put on the desk. */
  async load(wanted: string | null): Promise<void> {
    this.recipes = await this.#engine.call('recipes.list', {})
    const named = this.recipes.find(({ name }) => name === wanted)
    if (named !== undefined && named.name !== this.recipe?.name) this.take(named.text)
    else if (this.text === '') this.take(this.recipes.find(({ name }) => name === FIRST)?.text ?? '')
  }

  take(text: string): void {
    this.text = text
    sessionStorage.setItem(KEPT, text)
  }

  /** Takes another recipe; answers what brings back the one before, where it is nowhere else. */
  replace(text: string): (() => void) | null {
    const before = this.text
    const lost = this.changed && before.trim() !== ''
    this.take(text)
    return lost && before !== text ? () => this.take(before) : null
  }

  useSource(filter: FilterInput | null): void {
    this.source = filter
    putCurateSource(filter)
  }

  /** Changes the recipe through the form. */
  change(change: (recipe: Recipe) => Recipe): void {
    if (this.recipe !== null) this.take(writeRecipe(change(this.recipe)))
  }

  async save(): Promise<void> {
    const saved = await this.#engine.save('recipes.save', { text: this.text })
    this.recipes = [...this.recipes.filter(({ name }) => name !== saved.name), saved]
  }

  async remove(name: string): Promise<void> {
    await this.#engine.save('recipes.remove', { name })
    this.recipes = this.recipes.filter((one) => one.name !== name || one.builtIn)
  }

  /** Has the counts made anew soon; call whenever text or traces change. */
  refresh(): void {
    clearTimeout(this.#timer)
    if (this.recipe === null) return
    this.#timer = setTimeout(() => void this.#count(), PAUSE_MS)
  }

  /** Listens to how far a preview is, until the returned function is called. */
  listen(): () => void {
    const stop = this.#engine.on('curate.funnel', ({ ticket, ...progress }) => {
      if (ticket === this.#ticket && this.progress !== null) this.progress = progress
    })
    return () => {
      clearTimeout(this.#timer)
      stop()
      void this.#engine.call('curate.stop', { ticket: this.#ticket }).catch(() => undefined)
    }
  }

  async #count(): Promise<void> {
    const asked = ++this.#asked
    this.progress = { done: 0, total: 0, funnel: [] }
    try {
      const preview = await this.#engine.call('curate.preview', {
        text: this.text,
        filter: this.source ?? {},
        ticket: this.#ticket,
        rows: 20,
      })
      if (asked !== this.#asked) return
      this.preview = preview
      this.failure = null
    } catch (thrown) {
      if (asked !== this.#asked || (thrown instanceof CairnError && thrown.code === 'cancelled')) return
      this.failure = (thrown as Error).message
    } finally {
      if (asked === this.#asked) this.progress = null
    }
  }
}

/** Tells that a recipe was put aside, where it can be brought back. */
export function putAside(toasts: Pick<Toasts, 'show'>, undo: (() => void) | null): void {
  if (undo !== null) toasts.show('The recipe before was not saved.', { action: { label: 'Undo', run: undo } })
}
