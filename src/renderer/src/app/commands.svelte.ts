import { keyName } from '../ui/keys.ts'

/** Something the person can do: listed in the palette and the shortcuts sheet, run by its keys. */
export interface Command {
  readonly id: string
  readonly title: string
  readonly group: 'Go to' | 'Traces' | 'Trace' | 'Label' | 'Workspace' | 'Look'
  /** As `keyName` writes them; a space separates keys typed in turn. */
  readonly keys?: readonly string[]
  run(): void
}

const SEQUENCE_MS = 900

/** All commands at hand. Views bring theirs and take them away again. */
export class Commands {
  #sets = $state.raw<readonly (readonly Command[])[]>([])
  readonly all = $derived(this.#sets.flat())
  #prefix = ''
  #typedAt = 0

  /** Adds commands; the returned function removes them. Later ones win a key. */
  register(commands: readonly Command[]): () => void {
    this.#sets = [...this.#sets, commands]
    return () => {
      this.#sets = this.#sets.filter((set) => set !== commands)
    }
  }

  /** Runs the command of a key press. True when there was one. */
  press(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.isComposing) return false
    const key = keyName(event)
    if (isBusy(event, key)) return false
    const prefix = event.timeStamp - this.#typedAt < SEQUENCE_MS ? this.#prefix : ''
    const typed = `${prefix} ${key}`.trim()
    const command =
      this.all.findLast(({ keys }) => keys?.includes(typed)) ??
      this.all.findLast(({ keys }) => keys?.includes(key))
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
  if (typing) return !key.startsWith('mod+') || /^mod\+[zyacvx]$/.test(key)
  if (target.matches('input, summary, [role=scrollbar]') && /Arrow|Page|Home|End/.test(key)) return true
  return target.matches('button, a[href], summary, input') && (key === 'Enter' || key === ' ')
}
