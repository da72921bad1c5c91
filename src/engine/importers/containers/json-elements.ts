import { RAW_LIMIT } from '../types.ts'
import type { ByteWindow } from './byte-window.ts'
import { ElementScan } from './element-scan.ts'

/** One element of an array or member of an object, by its bytes. */
export interface Element {
  /** Raw bytes of the member's key with its quotes; empty in arrays. */
  key: Buffer
  /** Position of the first byte of the value. */
  start: number
  /** Length in bytes, white space around not counted. */
  length: number
  /** The value's bytes; only a head of RAW_LIMIT bytes when it is `large`. */
  bytes: Buffer
  /** 1-based line of the first byte. */
  line: number
  /** Longer than the limit. */
  large: boolean
  /** The stream ended inside it. */
  torn: boolean
}

/** How a collection was left: `open` when the stream ended before its closing bracket. */
type Closing = 'open' | 'closed'

/**
 * Reads the elements of one array or object off a window, from just behind the opening bracket (or from
 * the beginning, for a bare sequence of values). Scanning tracks strings, escapes and brackets only, so
 * an element that is not valid JSON still has an end; `mend` finds a nearer end when a broken string or
 * bracket made an element swallow its neighbours.
 */
export class ElementReader {
  readonly window: ByteWindow
  readonly kind: 'array' | 'object' | 'sequence'
  readonly #limit: number
  position: number
  line: number
  closing: Closing | null = null
  /** Beginning of the last good element up to its first key: how its neighbours probably begin. */
  #opening: Buffer | null = null

  constructor(
    window: ByteWindow,
    kind: 'array' | 'object' | 'sequence',
    at: { position: number; line: number },
    limit: number,
  ) {
    this.window = window
    this.kind = kind
    this.position = at.position
    this.line = at.line
    this.#limit = limit
  }

  /** The next element, or null behind the last. */
  async next(): Promise<Element | null> {
    const key = await this.enter()
    return key === null ? null : this.value(key)
  }

  /**
   * Moves to the next value without reading it: its key (empty in arrays), or null behind the last. The
   * value's first byte is at `position`.
   */
  async enter(): Promise<Buffer | null> {
    const byte = await this.#skipTo(true)
    if (byte === null) return this.#leave(this.kind === 'sequence' ? 'closed' : 'open')
    if (this.kind !== 'sequence' && (byte === CLOSE_BRACKET || byte === CLOSE_BRACE)) {
      this.position++
      return this.#leave('closed')
    }
    if (this.kind !== 'object') return NO_KEY
    return (await this.#key()) ?? this.#leave('open')
  }

  /** Reads the value at `position`. */
  async value(key: Buffer, limit = this.#limit): Promise<Element> {
    return (await this.#scan(key, limit, false)) as Element
  }

  /** Tells what a good element looks like. */
  learn(element: Element): void {
    if (this.kind === 'array') this.#opening = element.bytes
  }

  /**
   * For an element that did not parse: the same element with a nearer end when there is one, and the
   * reader moved behind it. Elements that look like the last good one, and lines (a string cannot hold a
   * raw line break), tell where the next one begins.
   */
  async mend(broken: Element): Promise<Element> {
    if (broken.large || broken.start < this.window.base) return broken
    const { position, line } = this
    this.position = broken.start
    this.line = broken.line
    const mended = await this.#scan(broken.key, this.#limit, true)
    if (mended !== null && this.position < position) return mended
    this.position = position
    this.line = line
    return broken
  }

  #leave(closing: Closing): null {
    this.closing = closing
    return null
  }

  /** Skips white space (and commas); the byte there, or null at the end. */
  async #skipTo(commas: boolean): Promise<number | null> {
    const { window } = this
    for (;;) {
      const { bytes } = window
      let index = this.position - window.base
      for (; index < bytes.length; index++) {
        const byte = bytes[index] ?? 0
        if (byte === 0x0a) this.line++
        else if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09 && !(commas && byte === COMMA)) {
          this.position = window.base + index
          return byte
        }
      }
      this.position = window.end
      if (!(await window.fill(this.position))) return null
    }
  }

  /** A member's key with the colon behind it; null when there is none before the stream ends. */
  async #key(): Promise<Buffer | null> {
    const scan = new ElementScan(this.window, this.position, this.line, { ends: 'colon', lenient: false })
    while (!scan.run()) {
      if (scan.position - this.position > RAW_LIMIT || !(await this.window.fill(this.position))) return null
    }
    if (this.window.slice(scan.position, scan.position + 1)[0] !== COLON) return null
    const key = this.window.slice(this.position, scan.position)
    this.line = scan.line
    this.position = scan.position + 1
    return (await this.#skipTo(false)) === null ? null : trimmed(key)
  }

  /** Reads the value at `position`; with `mending`, null unless its end lies in the bytes at hand. */
  async #scan(key: Buffer, limit: number, mending: boolean): Promise<Element | null> {
    const { window, position: start, line } = this
    const ends = this.kind === 'sequence' ? 'value' : 'separator'
    let scan = new ElementScan(window, start, line, { ends, lenient: mending })
    let head: Buffer | null = null
    let searched = start + 1
    let torn = false
    for (;;) {
      let done = scan.run()
      if (scan.violated && !scan.lenient) {
        // From its beginning when that is still at hand, from here otherwise.
        if (head === null) scan = new ElementScan(window, start, line, { ends, lenient: true })
        else scan.lenient = true
        continue
      }
      if (scan.lenient && head === null) {
        const cut = this.#neighbour(start, searched, done ? scan.position : window.end)
        if (cut !== null) {
          scan.position = cut
          scan.line = line + count(window.slice(start, cut), 0x0a)
          done = true
        }
        searched = Math.max(start + 1, window.end - OVERLAP)
      }
      if (done) break
      if (mending) return null
      if (head === null && scan.position - start > limit)
        head = Buffer.from(window.slice(start, start + RAW_LIMIT))
      if (!(await window.fill(head === null ? start : scan.position))) {
        torn = true
        scan.position = window.end
        break
      }
    }
    // A stray closing bracket between the values of a sequence is an element of its own.
    if (scan.position === start && !torn) scan.position++
    this.position = scan.position
    this.line = scan.line
    const length = scan.position - start
    const large = head !== null || length > limit
    const bytes = large
      ? (head ?? window.slice(start, Math.min(scan.position, start + RAW_LIMIT)))
      : trimmed(window.slice(start, scan.position))
    return { key, start, length: large ? length : bytes.length, bytes, line, large, torn }
  }

  /** Position of a comma behind which an element begins like the last good one; null when none is seen. */
  #neighbour(start: number, from: number, to: number): number | null {
    if (this.#opening === null) return null
    const pattern = openingOf(this.#opening)
    if (pattern === null) return null
    this.#opening = pattern
    const { window } = this
    const bytes = window.slice(window.base, to)
    for (
      let index = bytes.indexOf(pattern, from - window.base);
      index >= 0;
      index = bytes.indexOf(pattern, index + 1)
    ) {
      let before = index - 1
      while (isBlank(bytes[before])) before--
      if (bytes[before] === COMMA && before > start - window.base) return window.base + before
    }
    return null
  }
}

const COMMA = 0x2c
const COLON = 0x3a
const CLOSE_BRACKET = 0x5d
const CLOSE_BRACE = 0x7d

const NO_KEY = Buffer.alloc(0)

/** Longest beginning of an element that is compared, and how far bytes searched once are searched again. */
const OPENING_BYTES = 512
const OVERLAP = 2 * OPENING_BYTES

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** `{ "first key"` of an object's bytes; null when it is no object with a short first key. */
function openingOf(bytes: Buffer): Buffer | null {
  if (bytes[0] !== 0x7b) return null
  const open = bytes.subarray(0, OPENING_BYTES).indexOf(0x22)
  const close = open < 0 ? -1 : bytes.subarray(0, OPENING_BYTES).indexOf(0x22, open + 1)
  return close < 0 ? null : Buffer.from(bytes.subarray(0, close + 1))
}

function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && isBlank(bytes[end - 1])) end--
  return bytes.subarray(0, end)
}

function count(bytes: Buffer, byte: number): number {
  let total = 0
  for (let index = bytes.indexOf(byte); index >= 0; index = bytes.indexOf(byte, index + 1)) total++
  return total
}
