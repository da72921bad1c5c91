import type { CommandInfo } from './command.ts'

const KEY = 'cairn.keys'

/** The keys that the person chose instead of a command's own; kept on this device. */
export class Keymap {
  chosen = $state.raw<Readonly<Record<string, readonly string[]>>>(read())
  readonly changed = $derived(Object.keys(this.chosen).length > 0)

  keysOf({ id, keys = [] }: Pick<CommandInfo, 'id' | 'keys'>): readonly string[] {
    return this.chosen[id] ?? keys
  }

  /** Sets a command's keys; its own ones are forgotten as a choice. */
  set({ id, keys = [] }: Pick<CommandInfo, 'id' | 'keys'>, wanted: readonly string[]): void {
    const unique = [...new Set(wanted)]
    const { [id]: _old, ...others } = this.chosen
    const own = unique.length === keys.length && unique.every((key, index) => key === keys[index])
    this.#keep(own ? others : { ...others, [id]: unique })
  }

  resetAll(): void {
    this.#keep({})
  }

  /** Takes earlier choices up again. */
  restore(chosen: Keymap['chosen']): void {
    this.#keep(chosen)
  }

  #keep(chosen: Readonly<Record<string, readonly string[]>>): void {
    this.chosen = chosen
    localStorage.setItem(KEY, JSON.stringify(chosen))
  }
}

/** What was kept, as far as it makes sense. */
function read(): Record<string, readonly string[]> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    if (typeof stored !== 'object' || stored === null) return {}
    return Object.fromEntries(
      Object.entries(stored).filter((entry): entry is [string, string[]] => {
        const keys: unknown = entry[1]
        return Array.isArray(keys) && keys.every((key) => typeof key === 'string' && key !== '')
      }),
    )
  } catch {
    return {}
  }
}
