import { HeightIndex } from '../../ui/virtual/height-index.ts'
import type { Blocks } from './blocks.ts'

/** Text beyond the edges of the view that is drawn ahead, in pixels. */
const AHEAD = 600
/** How long a jump keeps its aim while the rows around it are being measured. */
const AIM_MS = 400
const PADDING = 4
const GAPS = [0, 2, 12]
/** Mean width of a character of the reading face, in parts of its size; only for first estimates. */
const CHARACTER = 0.45

/** Size and line height of the reading face, in pixels. */
export interface Face {
  readonly size: number
  readonly line: number
}

/** Space above a row, by the kind of gap before it. */
export const gapOf = (kind: number): number => GAPS[kind] ?? 0

/** Which rows of a long text are drawn, and where: heights are estimated, then measured as they appear. */
export class Flow {
  scrollTop = $state(0)
  view = $state(600)
  #lead = $state(0)
  #width = $state(0)
  #face = $state.raw<Face>({ size: 16.5, line: 27 })
  #version = $state(0)
  readonly #blocks: () => Blocks | null
  readonly #heights = $derived.by(() => estimate(this.#blocks(), this.#width, this.#face))
  #element: HTMLElement | null = null
  #aim: { row: number; at: number; until: number } | null = null

  /** Changes whenever heights are estimated anew, and what is drawn has to be measured again. */
  readonly layout = $derived<object>(this.#heights)
  readonly total = $derived.by(() => (this.#version, this.#heights.total))
  readonly range = $derived.by(() => {
    void this.#version
    const top = this.scrollTop - this.lead
    return {
      first: this.#heights.rowAt(top - AHEAD),
      end: Math.min(this.#heights.count, this.#heights.rowAt(top + this.view + AHEAD) + 1),
    }
  })
  /** First and last row in sight. */
  readonly seen = $derived.by(() => {
    void this.#version
    const top = this.scrollTop - this.lead
    return { first: this.#heights.rowAt(top + 1), last: this.#heights.rowAt(top + this.view - 1) }
  })

  constructor(blocks: () => Blocks | null) {
    this.#blocks = blocks
  }

  attach(element: HTMLElement): void {
    this.#element = element
  }

  /** Height of what stands above the text and scrolls with it. */
  get lead(): number {
    return this.#lead
  }

  set lead(lead: number) {
    const grown = lead - this.#lead
    const past = this.scrollTop > this.#lead
    this.#lead = lead
    if (grown === 0) return
    if (this.#isAiming()) this.#place(this.#aim!)
    else if (past) this.#scrollTo(this.scrollTop + grown)
  }

  get width(): number {
    return this.#width
  }

  set width(width: number) {
    if (width !== this.#width) this.#keeping(null, () => (this.#width = width))
  }

  /** Takes another size of text. What is read stays where it is: row `held` when it is in sight. */
  setFace(face: Face, held: number | null): void {
    if (face.size === this.#face.size && face.line === this.#face.line) return
    this.#keeping(held, () => (this.#face = face))
  }

  #keeping(held: number | null, change: () => void): void {
    const { first, last } = this.seen
    const row = held !== null && held >= first && held <= last ? held : first
    const at = this.lead + this.top(row) - this.scrollTop
    const atStart = this.scrollTop < this.lead || this.#width === 0
    change()
    if (!atStart) this.jump(row, at)
  }

  top(row: number): number {
    void this.#version
    return this.#heights.offset(row)
  }

  scrolled(): void {
    this.scrollTop = this.#element?.scrollTop ?? 0
  }

  /** The person scrolls: jumps no longer correct themselves. */
  release(): void {
    this.#aim = null
  }

  /** Takes measured heights, and keeps what is in sight where it is. */
  measured(rows: readonly { row: number; height: number }[]): void {
    const anchor = this.#aim?.row ?? this.#heights.rowAt(this.scrollTop - this.lead)
    let above = 0
    let changed = false
    for (const { row, height } of rows) {
      if (row >= this.#heights.count || Math.abs(this.#heights.height(row) - height) < 0.5) continue
      const grown = this.#heights.set(row, height)
      if (row < anchor) above += grown
      changed = true
    }
    if (!changed) return
    this.#version++
    if (this.#isAiming()) this.#place(this.#aim!)
    else if (above !== 0) this.#scrollTo(this.scrollTop + above)
  }

  /** Brings a row into sight: with margin when it is near, to the upper third when it is far. */
  reveal(row: number): void {
    const top = this.lead + this.top(row)
    const bottom = top + this.#heights.height(row)
    const margin = Math.min(96, this.view / 5)
    if (top >= this.scrollTop + margin && bottom <= this.scrollTop + this.view - margin) return
    const near = top > this.scrollTop - this.view && bottom < this.scrollTop + 2 * this.view
    const above = top < this.scrollTop + margin
    this.jump(
      row,
      !near ? this.view / 3 : above ? margin : Math.max(margin, this.view - margin - (bottom - top)),
    )
  }

  /** Puts a row's top at a distance from the top of the view. */
  jump(row: number, at: number): void {
    this.#aim = { row, at, until: performance.now() + AIM_MS }
    this.#place(this.#aim)
  }

  #isAiming(): boolean {
    return this.#aim !== null && performance.now() < this.#aim.until
  }

  #place({ row, at }: { row: number; at: number }): void {
    // Each correction may bring more rows to measure.
    if (this.#aim !== null) this.#aim.until = performance.now() + AIM_MS
    this.#scrollTo(this.lead + this.top(row) - at)
  }

  #scrollTo(top: number): void {
    // The spacer must have its new height first, or the browser clamps the position.
    queueMicrotask(() => {
      if (this.#element === null) return
      this.#element.scrollTop = top
      this.scrollTop = this.#element.scrollTop
    })
  }
}

function estimate(blocks: Blocks | null, width: number, { size, line }: Face): HeightIndex {
  if (blocks === null) return new HeightIndex(new Float64Array(0))
  const perLine = Math.max(20, (width === 0 ? 600 : width) / (size * CHARACTER))
  const heights = new Float64Array(blocks.count)
  for (let row = 0; row < blocks.count; row++) {
    const length = blocks.end[row]! - blocks.start[row]!
    const lines = Math.ceil(length / perLine) + blocks.breaks[row]! * 0.6
    heights[row] = Math.max(1, Math.round(lines)) * line + PADDING + gapOf(blocks.gap[row]!)
  }
  return new HeightIndex(heights)
}
