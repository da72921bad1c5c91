import type { MathRenderer } from './math-renderer.ts'

const KEY = 'cairn.math'

/** Whether formulas are drawn, on this device; and what draws them, loaded when first wanted. */
class MathMode {
  on = $state(localStorage.getItem(KEY) === 'on')
  #renderer = $state.raw<MathRenderer | null>(null)
  #loading: Promise<void> | null = null
  /** What draws formulas; null while they are shown as they are written. */
  readonly renderer = $derived(this.on ? this.#renderer : null)

  /** Loads what draws formulas. @throws Error when its files cannot be read */
  ready(): Promise<void> {
    this.#loading ??= import('./math-renderer.ts').then(
      ({ createMathRenderer }) => {
        this.#renderer = createMathRenderer()
      },
      (thrown: unknown) => {
        this.#loading = null
        throw thrown
      },
    )
    return this.#loading
  }

  async toggle(): Promise<void> {
    this.on = !this.on
    localStorage.setItem(KEY, this.on ? 'on' : 'off')
    if (this.on) await this.ready()
  }
}

export const math = new MathMode()
