import { untrack } from 'svelte'
import { editsText, keyName } from '../ui/keys.ts'
import type { Command, CommandInfo } from './command.ts'
import type { Keymap } from './keymap.svelte.ts'
import { keepKnown, knownBefore } from './known-commands.ts'

export type { Command, CommandInfo } from './command.ts'

/** Longest pause between keys typed in turn. */
export const SEQUENCE_MS = 900

/** Typed or shown, Escape leaves: it is never given another meaning. */
const FIXED = 'Escape'

/** All commands at hand. Views bring theirs and take them away again. */
export class Commands {
  #sets = $state.raw<readonly (readonly Command[])[]>([])
  #known = $state.raw<ReadonlyMap<string, CommandInfo>>(knownBefore())
  readonly #keymap: Keymap
  /** At hand now, with the keys that the person chose. */
  readonly all = $derived(
    this.#sets.flat().map((command) => ({ ...command, keys: this.#keymap.keysOf(command) })),
  )
  /** With their own keys, those of views that were open before too. */
  readonly known = $derived([...this.#known.values()])
  #prefix = ''
  #typedAt = 0

  constructor(keymap: Keymap) {
    this.#keymap = keymap
  }

  /** Adds commands; the returned function removes them. Later ones win a key. */
  register(commands: readonly Command[]): () => void {
    untrack(() => {
      this.#known = keepKnown(this.#known, commands)
      this.#sets = [...this.#sets, commands]
    })
    return () => {
      this.#sets = this.#sets.filter((set) => set !== commands)
    }
  }

  /** The keys that stand for a shortcut as a command was written with it; null when it has none now. */
  translate(shortcut: string): string | null {
    if (shortcut === FIXED) return shortcut
    const has = ({ keys }: CommandInfo) => keys?.includes(shortcut) ?? false
    const command = this.#sets.flat().findLast(has) ?? this.known.find(has)
    if (command === undefined) return shortcut
    const keys = this.#keymap.keysOf(command)
    return keys.includes(shortcut) ? shortcut : (keys[0] ?? null)
  }

  /** Runs the command of a key press. True when there was one. */
  press(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing) return false
    const key = keyName(event)
    if (isBusy(event, key)) return false
    const prefix = event.timeStamp - this.#typedAt < SEQUENCE_MS ? this.#prefix : ''
    const typed = `${prefix} ${key}`.trim()
    const command =
      this.all.findLast(({ keys }) => keys.includes(typed)) ??
      this.all.findLast(({ keys }) => keys.includes(key))
    this.#typedAt = event.timeStamp
    this.#prefix = command === undefined ? key : ''
    if (command === undefined) return false
    event.preventDefault()
    command.run()
    return true
  }
}

/** Whether the key belongs to what has the focus, or to a dialog that is open. */
function isBusy(event: KeyboardEvent, key: string): boolean {
  if (document.querySelector('dialog:modal') !== null) return true
  if (key === 'Escape' && document.querySelector('[popover=auto]:popover-open') !== null) return true
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  const typing = target.matches('input:not([type=radio], [type=checkbox], [type=range]), textarea, select')
  if (typing) return !key.startsWith('mod+') || editsText(key)
  if (target.matches('input, summary, [role=scrollbar]') && /Arrow|Page|Home|End/.test(key)) return true
  return target.matches('button, a[href], summary, input') && (key === 'Enter' || key === ' ')
}
