import type { ByteWindow } from './byte-window.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a

/** Strings shorter than this are walked; in longer ones the closing quote is searched natively. */
const SHORT_STRING = 24

/**
 * Where an element ends: `separator` before the comma or closing bracket of the collection around it;
 * `colon` before the colon behind a key; `value` right behind the value itself (bare sequences).
 */
type Ends = 'separator' | 'colon' | 'value'

/**
 * Finds the end of one JSON element in a window that may have to be filled on the way. It knows strings,
 * escapes and brackets, not the grammar. A string followed by anything but a separator, or brackets that
 * do not pair, set `violated`; a lenient scan then goes on as well as it can: strings end at a raw line
 * break, and a closing bracket closes everything opened since its partner.
 */
export class ElementScan {
  readonly #window: ByteWindow
  readonly #ends: Ends
  lenient: boolean
  /** Position of the next byte to look at; the element's end once `run` said so. */
  position: number
  line: number
  violated = false
  /** Opening brackets that wait for their partners. */
  #open: number[] = []
  #inString = false
  #afterString = false

  constructor(window: ByteWindow, position: number, line: number, options: { ends: Ends; lenient: boolean }) {
    this.#window = window
    this.position = position
    this.line = line
    this.#ends = options.ends
    this.lenient = options.lenient
  }

  /** Scans what is at hand. True when the end was found; false when more bytes are needed. */
  run(): boolean {
    const { bytes, base } = this.#window
    const open = this.#open
    let index = this.position - base
    const stop = (at: number, done: boolean): boolean => {
      this.position = base + at
      return done
    }
    while (index < bytes.length) {
      if (this.#inString) {
        const close = this.#closingQuote(bytes, index)
        if (close < 0) return stop(~close, false)
        index = close + 1
        if (bytes[close] === NEWLINE) this.line++
        this.#inString = false
        this.#afterString = true
        if (this.#ends === 'value' && open.length === 0) return stop(index, true)
        continue
      }
      const byte = bytes[index] as number
      if (byte === 0x20 || byte === 0x0d || byte === 0x09) {
        if (this.#ends === 'value' && open.length === 0) return stop(index, true)
        index++
        continue
      }
      if (byte === NEWLINE) {
        if (this.#ends === 'value' && open.length === 0) return stop(index, true)
        this.line++
        index++
        continue
      }
      const depth = open.length
      if (byte === 0x3a && depth === 0 && this.#ends === 'colon') return stop(index, true)
      if (byte === 0x2c && depth === 0 && this.#ends === 'separator') return stop(index, true)
      const closes = byte === 0x5d || byte === 0x7d
      if (this.#afterString) {
        if (!closes && byte !== 0x2c && byte !== 0x3a) {
          this.violated = true
          if (!this.lenient) return stop(index, false)
        }
        this.#afterString = false
      }
      if (byte === QUOTE) this.#inString = true
      else if (byte === 0x7b || byte === 0x5b) open.push(byte)
      else if (closes) {
        if (depth === 0) return stop(index, true)
        // '[' and ']' as well as '{' and '}' are two apart.
        if (open[depth - 1] === byte - 2) open.pop()
        else {
          this.violated = true
          if (!this.lenient) return stop(index, false)
          const partner = open.lastIndexOf(byte - 2)
          if (partner >= 0) open.length = partner
        }
        if (this.#ends === 'value' && open.length === 0) return stop(index + 1, true)
      }
      index++
    }
    return stop(index, false)
  }

  /** Index of the byte that ends the string, or the complement of where to go on with more bytes. */
  #closingQuote(bytes: Buffer, from: number): number {
    let index = from
    if (!this.lenient) {
      const near = Math.min(bytes.length, from + SHORT_STRING)
      for (; index < near; index++) {
        const byte = bytes[index]
        if (byte === QUOTE) return index
        if (byte === BACKSLASH) break
      }
    }
    while (index < bytes.length) {
      if (this.lenient) {
        const byte = bytes[index]
        if (byte === NEWLINE || byte === QUOTE) return index
        if (byte === BACKSLASH) index++
        index++
        continue
      }
      const quote = bytes.indexOf(QUOTE, index)
      const until = quote < 0 ? bytes.length : quote
      let slash = until
      while (slash > index && bytes[slash - 1] === BACKSLASH) slash--
      const escaped = (until - slash) % 2 === 1
      if (quote < 0) return ~(escaped ? until - 1 : until)
      if (!escaped) return quote
      index = quote + 1
    }
    // A backslash as the last byte at hand waits for what it escapes.
    return ~(index > bytes.length ? bytes.length - 1 : index)
  }
}
