import { COLUMNS, FIXED, type Column } from './columns.ts'

const KEY = 'cairn.traces.hidden'
const BARS_KEY = 'cairn.traces.bars'

/** Which columns a person sees, on this device. */
export class ColumnChoice {
  #hidden = $state.raw<readonly string[]>(read())
  /** Whether headers show how their column is distributed. */
  bars = $state(localStorage.getItem(BARS_KEY) !== 'no')
  readonly shown = $derived(COLUMNS.filter(({ id }) => !this.#hidden.includes(id)))

  get hidden(): readonly string[] {
    return this.#hidden
  }

  isShown(id: Column['id']): boolean {
    return !this.#hidden.includes(id)
  }

  set(id: Column['id'], shown: boolean): void {
    const others = this.#hidden.filter((one) => one !== id)
    this.hide(shown || FIXED.includes(id) ? others : [...others, id])
  }

  hide(ids: readonly string[]): void {
    this.#hidden = ids
    localStorage.setItem(KEY, JSON.stringify(ids))
  }

  showBars(shown: boolean): void {
    this.bars = shown
    localStorage.setItem(BARS_KEY, shown ? 'yes' : 'no')
  }
}

function read(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}
