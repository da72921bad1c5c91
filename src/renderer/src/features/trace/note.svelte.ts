import { CairnError } from '#shared/errors.ts'
import type { AppContext } from '../../app/context.ts'

const PAUSE_MS = 500

/** The note on a trace as it is typed: what was typed is shown until the engine has it, so that none is lost. */
export class TypedNote {
  #stored = $state('')
  #typed = $state<string | null>(null)
  readonly text = $derived(this.#typed ?? this.#stored)
  /** On its way to the engine. */
  #sent: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #app: Pick<AppContext, 'engine' | 'outbox' | 'session' | 'toasts'>
  readonly #traceId: number

  constructor(app: Pick<AppContext, 'engine' | 'outbox' | 'session' | 'toasts'>, traceId: number) {
    this.#app = app
    this.#traceId = traceId
  }

  async read(): Promise<void> {
    try {
      const note = await this.#app.engine.call('notes.get', { traceId: this.#traceId })
      this.#stored = note?.text ?? ''
    } catch (thrown) {
      this.#app.toasts.fail(thrown)
    }
  }

  /** Takes what is in the field now; it is saved after a pause. */
  type(text: string): void {
    this.#typed = text
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.save(), PAUSE_MS)
  }

  /** Saves what was typed, if anything was. */
  async save(): Promise<void> {
    const { outbox, session, toasts } = this.#app
    clearTimeout(this.#timer)
    const text = this.#typed
    if (text === null || text === this.#sent) return
    // What another window writes is not to be overwritten with what nobody typed anew.
    const settle = () => {
      if (this.#typed === text) this.#typed = null
    }
    if (text === this.#stored && this.#sent === null) return settle()
    this.#sent = text
    try {
      const input = { traceId: this.#traceId, text, annotator: session.annotator }
      this.#stored = (await outbox.send('notes.set', input, 'note'))?.text ?? ''
      settle()
    } catch (thrown) {
      if (thrown instanceof CairnError && thrown.code === 'cancelled') settle()
      else toasts.fail(thrown)
    } finally {
      if (this.#sent === text) this.#sent = null
    }
  }
}
