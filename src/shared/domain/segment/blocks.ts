import type { Cuts } from './cuts.ts'
import { codeAt, isDigit, isSpace } from './chars.ts'

/** A closed block longer than this (UTF-16 code units) is more likely two stray delimiters than one block. */
const NOT_OPEN = -1
export const LONGEST_BLOCK = 16384

/**
 * Which blocks are open: inline and display math, environments, inline code, code fences. Delimiters open and
 * close; closing takes back the cuts made inside. Math never crosses a blank line, `$…$` and inline code never a line.
 */
export class Blocks {
  readonly #cuts: Cuts
  #dollar = NOT_OPEN
  #dollars = NOT_OPEN
  #bracket = NOT_OPEN
  #paren = NOT_OPEN
  #code = NOT_OPEN
  #fence = NOT_OPEN
  #environments: number[] = []
  #at = { dollar: 0, dollars: 0, bracket: 0, paren: 0, code: 0, fence: 0 }
  #environmentsAt: number[] = []
  #codeRun = 0
  #fenceMark = 0

  constructor(cuts: Cuts) {
    this.#cuts = cuts
  }

  reset(): void {
    this.endParagraph()
    this.#fence = NOT_OPEN
  }

  endLine(): void {
    this.#dollar = NOT_OPEN
    this.#code = NOT_OPEN
  }

  endParagraph(): void {
    this.endLine()
    this.#dollars = NOT_OPEN
    this.#bracket = NOT_OPEN
    this.#paren = NOT_OPEN
    if (this.#environments.length > 0) {
      this.#environments.length = 0
      this.#environmentsAt.length = 0
    }
  }

  #close(mark: number, opened: number, at: number): void {
    if (mark !== NOT_OPEN && at - opened <= LONGEST_BLOCK) this.#cuts.takeBack(mark)
  }

  /**
   * A `$` or `$$` at `at`; returns the position after it. A single one opens before a non-space and
   * closes after a non-space and not before a digit (Pandoc's rule), so "$5 and $6" is money.
   */
  dollar(text: string, at: number): number {
    if (codeAt(text, at + 1) === 0x24) {
      if (this.#dollars === NOT_OPEN) {
        this.#dollars = this.#cuts.count
        this.#at.dollars = at
      } else {
        this.#close(this.#dollars, this.#at.dollars, at)
        this.#dollars = NOT_OPEN
      }
      return at + 2
    }
    const before = at > 0 ? codeAt(text, at - 1) : 0x20
    const closes = this.#dollar !== NOT_OPEN && !isSpace(before) && !isDigit(codeAt(text, at + 1))
    if (closes) {
      this.#close(this.#dollar, this.#at.dollar, at)
      this.#dollar = NOT_OPEN
    } else if (at + 1 < text.length && !isSpace(codeAt(text, at + 1))) {
      this.#dollar = this.#cuts.count
      this.#at.dollar = at
    }
    return at + 1
  }

  /** A backslash at `at`: a delimiter, an environment, or an escape; returns the position after it. */
  backslash(text: string, at: number): number {
    switch (codeAt(text, at + 1)) {
      case 0x5b: // \[
        this.#bracket = this.#cuts.count
        this.#at.bracket = at
        return at + 2
      case 0x5d: // \]
        this.#close(this.#bracket, this.#at.bracket, at)
        this.#bracket = NOT_OPEN
        return at + 2
      case 0x28: // \(
        this.#paren = this.#cuts.count
        this.#at.paren = at
        return at + 2
      case 0x29: // \)
        this.#close(this.#paren, this.#at.paren, at)
        this.#paren = NOT_OPEN
        return at + 2
      case 0x62: // \begin{
        if (!text.startsWith('begin{', at + 1)) return at + 2
        this.#environments.push(this.#cuts.count)
        this.#environmentsAt.push(at)
        return at + 7
      case 0x65: // \end{
        if (!text.startsWith('end{', at + 1)) return at + 2
        this.#close(this.#environments.pop() ?? NOT_OPEN, this.#environmentsAt.pop() ?? 0, at)
        return at + 5
      case 0x24: // \$
      case 0x5c: // \\
        return at + 2
      default:
        return at + 1
    }
  }

  /** A run of backticks `[at, to)` within a line: opens code that a run of the same length closes. */
  code(at: number, to: number): void {
    if (this.#code === NOT_OPEN) {
      this.#code = this.#cuts.count
      this.#codeRun = to - at
      this.#at.code = at
    } else if (this.#codeRun === to - at) {
      this.#close(this.#code, this.#at.code, at)
      this.#code = NOT_OPEN
    }
  }

  /**
   * A run of three or more fence characters `[at, to)` that begins a line. A bare one closes an open
   * fence of its kind; one with an info string always opens.
   */
  fence(text: string, at: number, to: number, bare: boolean): void {
    const kind = codeAt(text, at)
    if (this.#fence !== NOT_OPEN && bare && kind === this.#fenceMark) {
      this.#close(this.#fence, this.#at.fence, to)
      this.#fence = NOT_OPEN
    } else {
      this.#fence = this.#cuts.count
      this.#at.fence = at
      this.#fenceMark = kind
    }
    this.endParagraph()
  }
}
