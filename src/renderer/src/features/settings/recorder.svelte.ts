import { SEQUENCE_MS } from '../../app/commands.svelte.ts'
import { keyName } from '../../ui/keys.ts'

/** Keys that cannot stand for a command by themselves; a space parts keys typed in turn. */
const UNFIT: readonly string[] = [' ', 'Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead']
/** Keys typed in turn: two at most. */
const STROKES = 2

/** Takes the keys that the person presses as a shortcut. Escape gives up, Tab goes on. */
export class Recorder {
  /** What was pressed so far; null when nothing is being recorded. */
  strokes = $state.raw<readonly string[] | null>(null)
  readonly #done: (shortcut: string) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(done: (shortcut: string) => void) {
    this.#done = done
  }

  start(): void {
    this.strokes = []
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.strokes = null
  }

  /** Takes a key press; true when the press was the recorder's. */
  press(event: KeyboardEvent): boolean {
    if (this.strokes === null || event.key === 'Tab') return false
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') this.stop()
    else if (!UNFIT.includes(event.key) && !event.repeat) this.#take(keyName(event))
    return true
  }

  #take(stroke: string): void {
    this.strokes = [...(this.strokes ?? []), stroke]
    clearTimeout(this.#timer)
    // Keys held together are whole; a letter may be the first of two.
    if (this.strokes.length === STROKES || stroke.length > 1) this.#finish()
    else this.#timer = setTimeout(() => this.#finish(), SEQUENCE_MS)
  }

  #finish(): void {
    const shortcut = this.strokes?.join(' ') ?? ''
    this.stop()
    if (shortcut !== '') this.#done(shortcut)
  }
}
