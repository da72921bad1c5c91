import type { InputFile } from '../types.ts'

/** A file's text as UTF-8 bytes without byte order mark, and the way back to the file's own offsets. */
export interface TextSource {
  chunks: AsyncIterable<Buffer>
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
  const [head, whole] = await peek(file.open(offset > 0 ? {} : progress))
  const [encoding, mark] = encodingOf(head)
  const start = Math.max(offset, mark)
  let bytes: AsyncIterable<Uint8Array>
  if (offset > 0) {
    // Only the mark was wanted: the bytes come from a second opening at the offset.
    await whole.return(undefined)
    bytes = file.open({ offset: start, ...progress })
  } else bytes = withoutFirst(whole, mark)
  if (encoding === 'utf8') {
    return { chunks: asBuffers(bytes), start, direct: true, offsetOf: (position) => position }
  }
  const transcoder = new Transcoder(encoding, start)
  return {
    chunks: transcoder.run(bytes),
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

/** The first bytes of a stream, and the stream with them put back. */
async function peek(chunks: AsyncIterable<Uint8Array>): Promise<[Uint8Array, AsyncGenerator<Uint8Array>]> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let length = 0
  let failure: unknown = null
  try {
    while (length < HEAD_BYTES) {
      const next = await iterator.next()
      if (next.done) break
      first.push(next.value)
      length += next.value.length
    }
  } catch (thrown) {
    failure = thrown
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* first
      if (failure !== null) throw failure as Error
      for (;;) {
        const next = await iterator.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  return [Buffer.concat(first.map((chunk) => chunk.subarray(0, HEAD_BYTES))), whole()]
}

async function* withoutFirst(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count
  for await (const chunk of chunks) {
    const drop = Math.min(left, chunk.length)
    left -= drop
    if (drop < chunk.length) yield drop > 0 ? chunk.subarray(drop) : chunk
  }
}

async function* asBuffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
}

/** Converts UTF-16 to UTF-8, remembering where recent chunks came from. */
class Transcoder {
  readonly #encoding: 'utf16le' | 'utf16be'
  #from: number
  #to = 0
  #recent: { to: number; from: number; bytes: Buffer }[] = []

  constructor(encoding: 'utf16le' | 'utf16be', from: number) {
    this.#encoding = encoding
    this.#from = from
  }

  async *run(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    let carry: Buffer = Buffer.alloc(0)
    for await (const chunk of chunks) {
      const all = Buffer.concat([carry, chunk])
      let even = all.length & ~1
      // A surrogate pair split between chunks waits for its other half.
      if (even >= 2 && isHighSurrogate(this.#unitAt(all, even - 2))) even -= 2
      carry = all.subarray(even)
      if (even > 0) yield this.#convert(all.subarray(0, even))
    }
    if (carry.length > 0) yield this.#convert(carry)
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
