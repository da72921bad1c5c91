import { afterPaint } from './after-paint.ts'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'quiet' | 'bad'
  /** A message takes the place of the one with the same key. */
  readonly key: string | null
  readonly action: { readonly label: string; readonly run: () => void } | null
}

const QUIET_MS = 5_000
const BAD_MS = 12_000
const KEPT = 3

/** Short messages that leave by themselves, the latest last. */
export class Toasts {
  items = $state.raw<readonly Toast[]>([])
  #next = 1
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>()

  /** What the message is about is on the screen first: a message is laid out anew. They come in the order told. */
  show(text: string, given: Partial<Pick<Toast, 'tone' | 'action' | 'key'>> = {}): void {
    afterPaint(() => this.#add(text, given))
  }

  #add(text: string, given: Partial<Pick<Toast, 'tone' | 'action' | 'key'>>): void {
    const { tone = 'quiet', action = null, key = text } = given
    const others = this.items.filter((item) => item.key !== key)
    const toast: Toast = { id: this.#next++, text, tone, action, key }
    this.items = [...others, toast].slice(-KEPT)
    this.release(toast)
  }

  /** Tells of a failure in its own words. */
  fail(thrown: unknown): void {
    this.show(thrown instanceof Error ? thrown.message : String(thrown), { tone: 'bad' })
  }

  close(id: number): void {
    this.hold(id)
    this.items = this.items.filter((item) => item.id !== id)
  }

  /** Keeps a message while someone reads it. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  /** Lets a message leave after its time. */
  release({ id, tone }: Toast): void {
    this.hold(id)
    this.#timers.set(
      id,
      setTimeout(() => this.close(id), tone === 'bad' ? BAD_MS : QUIET_MS),
    )
  }
}
