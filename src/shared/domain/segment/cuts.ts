import { isSpace } from './chars.ts'

/**
 * Positions where one step ends, in order. A cut made inside a block (math, code) is tentative:
 * when the block turns out to be closed, the cuts since its mark are taken back; when it never
 * closes, they stand. So an unclosed block swallows nothing and no look-ahead is needed.
 */
export class Cuts {
  #at = new Uint32Array(1024)
  #count = 0
  #pairs = new Uint32Array(2048)

  get count(): number {
    return this.#count
  }

  clear(): void {
    this.#count = 0
  }

  add(position: number): void {
    if (this.#count === this.#at.length) {
      const grown = new Uint32Array(this.#count * 2)
      grown.set(this.#at)
      this.#at = grown
    }
    this.#at[this.#count++] = position
  }

  /** Takes back the cuts made since `mark` (a former `count`). */
  takeBack(mark: number): void {
    if (mark < this.#count) this.#count = mark
  }

  /** The steps between the cuts as flat pairs, trimmed, empty ones left out. */
  toSteps(text: string): Uint32Array {
    const cuts = this.#at
    const count = this.#count
    if (this.#pairs.length < 2 * count + 2) this.#pairs = new Uint32Array(2 * cuts.length + 2)
    const pairs = this.#pairs
    let n = 0
    let start = 0
    for (let k = 0; k <= count; k++) {
      const cut = k < count ? (cuts[k] ?? 0) : text.length
      while (start < cut && isSpace(text.charCodeAt(start))) start++
      let end = cut
      while (end > start && isSpace(text.charCodeAt(end - 1))) end--
      if (end > start) {
        pairs[n++] = start
        pairs[n++] = end
      }
      start = cut
    }
    return pairs.slice(0, n)
  }
}
