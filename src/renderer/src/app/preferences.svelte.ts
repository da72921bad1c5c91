export type Density = 'comfortable' | 'compact'

const KEY = 'cairn.look'
/** Sizes of the reading face, in pixels. */
export const TEXT_SIZES: readonly number[] = [13, 14.5, 16.5, 18.5, 21, 24]
const DEFAULT_SIZE = 16.5

/** How dense and how large things are drawn; kept on this device. */
export class Preferences {
  density = $state<Density>('comfortable')
  /** Size of a trace's text in pixels, one of `TEXT_SIZES`. */
  textSize = $state(DEFAULT_SIZE)
  /** Height of a line of a trace's text in pixels, as `--read-line` has it. */
  readonly textLine = $derived(Math.round(this.textSize * 1.636))
  /** Height of a table's row in pixels, as `--row` has it. */
  readonly row = $derived(this.density === 'compact' ? 28 : 34)

  constructor() {
    const { density, textSize } = read()
    if (density === 'compact') this.density = density
    if (TEXT_SIZES.includes(textSize as number)) this.textSize = textSize as number
    this.#show()
  }

  setDensity(density: Density): void {
    this.density = density
    this.#keep()
  }

  setTextSize(size: number): void {
    this.textSize = size
    this.#keep()
  }

  /** One size up or down; stays at the ends. */
  stepTextSize(by: 1 | -1): void {
    const at = TEXT_SIZES.indexOf(this.textSize)
    this.setTextSize(TEXT_SIZES[Math.max(0, Math.min(TEXT_SIZES.length - 1, at + by))]!)
  }

  #keep(): void {
    localStorage.setItem(KEY, JSON.stringify({ density: this.density, textSize: this.textSize }))
    this.#show()
  }

  #show(): void {
    const { dataset, style } = document.documentElement
    dataset['density'] = this.density
    style.setProperty('--read-size', `${this.textSize}px`)
  }
}

function read(): { density?: unknown; textSize?: unknown } {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof stored === 'object' && stored !== null ? stored : {}
  } catch {
    return {}
  }
}
