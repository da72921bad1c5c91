import { COLUMNS, FIXED, type Column } from './columns.ts'

const KEY = 'cairn.traces.hidden'

/** Which columns a person sees, on this device. */
export class ColumnChoice {
  #hidden = $state.raw<readonly string[]>(read())
  readonly shown = $derived(COLUMNS.filter(({ id }) => !this.#hidden.includes(id)))

  isShown(id: Column['id']): boolean {
    return !this.#hidden.includes(id)
  }

  set(id: Column['id'], shown: boolean): void {
    const others = this.#hidden.filter((one) => one !== id)
    this.#hidden = shown || FIXED.includes(id) ? others : [...others, id]
    localStorage.setItem(KEY, JSON.stringify(this.#hidden))
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
