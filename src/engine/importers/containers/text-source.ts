import type { InputFile } from '../types.ts'

/** A file's text as UTF-8 bytes without byte order mark, and the way back to the file's own offsets. */
export interface TextSource {
  chunks: AsyncIterableIterator<Buffer> & { return(): Promise<unknown> }
  /** Position of the first byte of `chunks`. */
  start: number
  /** Positions are the file's own offsets, whatever offset it was opened at. */
  direct: boolean
  /**
   * Byte offset in the decompressed file of a position in `chunks`. Positions must be asked for in
   * rising order; the same one may be asked for again.
   */
  offsetOf(position: number): number
}

type Encoding = 'utf8' | 'utf16le' | 'utf16be'

const HEAD_BYTES = 4

/**
 * Opens a file as UTF-8. UTF-16 is recognised by its byte order mark and converted; everything else is
 * handed over as it is, so that invalid UTF-8 is found by whoever parses it.
 *
 * @throws CairnError `input_unreadable`
 */
export async function openText(
  file: InputFile,
  options: { offset?: number; onRead?: (bytesOnDisk: number) => void } = {},
): Promise<TextSource> {
  const { offset = 0 } = options
  const progress = options.onRead ? { onRead: options.onRead } : {}
  const beginning = new PeekedStream(file.open(offset > 0 ? {} : progress))
  const [encoding, mark] = encodingOf(await beginning.peek(HEAD_BYTES))
  const start = Math.max(offset, mark)
  let bytes = beginning
  if (offset > 0) {
    // Only the mark was wanted: the bytes come from a second opening at the offset.
    await beginning.return()
    bytes = new PeekedStream(file.open({ offset: start, ...progress }))
  } else bytes.drop(mark)
  if (encoding === 'utf8') return { chunks: bytes, start, direct: true, offsetOf: (position) => position }
  const transcoder = new Transcoder(bytes, encoding, start)
  return {
    chunks: transcoder,
    start: 0,
    direct: false,
    offsetOf: (position) => transcoder.offsetOf(position),
  }
}

function encodingOf(head: Uint8Array): [Encoding, number] {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return ['utf8', 3]
  if (head[0] === 0xff && head[1] === 0xfe) return ['utf16le', 2]
  if (head[0] === 0xfe && head[1] === 0xff) return ['utf16be', 2]
  return ['utf8', 0]
}

/**
 * A stream whose beginning can be looked at. No generator: one that was never started would not close
 * what it reads when it is given up.
 */
class PeekedStream implements AsyncIterableIterator<Buffer> {
  readonly #chunks: AsyncIterator<Uint8Array>
  #first: Buffer[] = []
  #failure: unknown = null

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The first bytes, at least `length` of them unless the stream is shorter. */
  async peek(length: number): Promise<Buffer> {
    let size = 0
    try {
      while (size < length) {
        const next = await this.#chunks.next()
        if (next.done) break
        size += next.value.length
        this.#first.push(asBuffer(next.value))
      }
    } catch (thrown) {
      this.#failure = thrown
    }
    return Buffer.concat(this.#first.map((chunk) => chunk.subarray(0, length)))
  }

  /** Leaves out bytes that were peeked at. */
  drop(count: number): void {
    const [chunk] = this.#first
    if (!chunk || count === 0) return
    this.#first[0] = chunk.subarray(count)
    if (count > chunk.length) {
      this.#first.shift()
      this.drop(count - chunk.length)
    }
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    const first = this.#first.shift()
    if (first) return { done: false, value: first }
    if (this.#failure !== null) throw this.#failure as Error
    const next = await this.#chunks.next()
    return next.done ? { done: true, value: undefined } : { done: false, value: asBuffer(next.value) }
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    await this.#chunks.return?.()
    return { done: true, value: undefined }
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

/** Converts UTF-16 to UTF-8, remembering where recent chunks came from. */
class Transcoder implements AsyncIterableIterator<Buffer> {
  readonly #source: PeekedStream
  readonly #encoding: 'utf16le' | 'utf16be'
  #from: number
  #to = 0
  #recent: { to: number; from: number; bytes: Buffer }[] = []
  /** A split code unit or surrogate pair that waits for its other half. */
  #carry: Buffer = Buffer.alloc(0)

  constructor(source: PeekedStream, encoding: 'utf16le' | 'utf16be', from: number) {
    this.#source = source
    this.#encoding = encoding
    this.#from = from
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    for (;;) {
      const next = await this.#source.next()
      if (next.done) {
        const rest = this.#carry
        this.#carry = rest.subarray(rest.length)
        return rest.length > 0 ? { done: false, value: this.#convert(rest) } : next
      }
      const all = Buffer.concat([this.#carry, next.value])
      let even = all.length & ~1
      if (even >= 2 && isHighSurrogate(this.#unitAt(all, even - 2))) even -= 2
      this.#carry = all.subarray(even)
      if (even > 0) return { done: false, value: this.#convert(all.subarray(0, even)) }
    }
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    return this.#source.return()
  }

  #unitAt(bytes: Buffer, index: number): number {
    return this.#encoding === 'utf16le' ? bytes.readUInt16LE(index) : bytes.readUInt16BE(index)
  }

  #convert(bytes: Buffer): Buffer {
    const whole = bytes.length & ~1
    const units =
      this.#encoding === 'utf16be' ? Buffer.from(bytes.subarray(0, whole)).swap16() : bytes.subarray(0, whole)
    const parts: Buffer[] = [encodeUtf16(units.toString('utf16le'))]
    // A stray last byte is kept as a byte that UTF-8 never has, so that its record is refused.
    if (whole < bytes.length) parts.push(Buffer.from([0xff]))
    const out = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    this.#recent.push({ to: this.#to, from: this.#from, bytes: out })
    this.#to += out.length
    this.#from += bytes.length
    return out
  }

  offsetOf(position: number): number {
    while (this.#recent.length > 1 && (this.#recent[1]?.to ?? Infinity) <= position) this.#recent.shift()
    const piece = this.#recent[0]
    if (!piece) return this.#from
    return piece.from + 2 * piece.bytes.subarray(0, position - piece.to).toString('utf8').length
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** UTF-8 of a text; each lone surrogate becomes one byte 0xFF, which no valid UTF-8 holds. */
function encodeUtf16(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const parts = text.split(/([\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff])/)
  return Buffer.concat(
    parts.map((part, index) => (index % 2 ? Buffer.from([0xff]) : Buffer.from(part, 'utf8'))),
  )
}
