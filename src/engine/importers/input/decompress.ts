import { constants, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib'
import { reasonOf, unreadable } from './unreadable.ts'

/** Compression that a stream can be peeled out of; `deflate` is the raw form zip archives hold. */
type Codec = 'gzip' | 'zstd' | 'deflate'

/** Output is handed over in pieces of this size; zlib's own 16 KiB costs a callback each. */
const OUTPUT_BYTES = 256 * 1024

/** One decompressor driven a chunk at a time, so that output made before an error is never lost. */
class Inflater {
  readonly #stream: ReturnType<typeof createGunzip>
  #queue: Buffer[] = []
  #wake: (() => void) | null = null
  #idle = true
  ended = false
  error: Error | null = null

  constructor(codec: Codec) {
    // A read buffer of one byte makes zlib wait for the consumer after every piece: a small file that
    // expands to terabytes costs time, not memory.
    const options = { chunkSize: OUTPUT_BYTES, readableHighWaterMark: 1 }
    this.#stream =
      codec === 'gzip'
        ? createGunzip(options)
        : codec === 'deflate'
          ? createInflateRaw(options)
          : createZstdDecompress({ ...options, params: { [constants.ZSTD_d_windowLogMax]: 31 } })
    this.#stream.on('data', (piece: Buffer) => {
      this.#queue.push(piece)
      this.#stream.pause()
      this.#wake?.()
    })
    this.#stream.on('end', () => {
      this.ended = true
      this.#wake?.()
    })
    this.#stream.on('error', (error: Error) => {
      this.error = error
      this.#wake?.()
    })
  }

  /** Compressed bytes taken in so far: fewer than were fed when the stream ended before them. */
  get consumed(): number {
    return this.#stream.bytesWritten
  }

  /** Feeds a chunk, or the end of input (null), and yields all the output it gives. */
  async *feed(chunk: Uint8Array | null): AsyncGenerator<Buffer> {
    this.#idle = false
    const done = () => {
      this.#idle = true
      this.#wake?.()
    }
    if (chunk === null) this.#stream.end()
    else this.#stream.write(chunk, done)
    for (;;) {
      if (this.#queue.length > 0) {
        const pieces = this.#queue
        this.#queue = []
        yield* pieces
        continue
      }
      if (this.error !== null || this.ended) return
      if (this.#idle && this.#stream.readableLength === 0) return
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#stream.resume()
      await woken
      this.#wake = null
    }
  }

  close(): void {
    this.#stream.destroy()
  }
}

/**
 * The decompressed bytes of a gzip (any number of members), zstd (any number of frames) or raw
 * deflate stream. All bytes before a break are yielded before the error is thrown; the error's
 * details hold `offset`, the decompressed bytes that came through.
 *
 * @throws CairnError `input_unreadable` when the stream is damaged or ends early
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  codec: Codec,
  name: string,
): AsyncGenerator<Uint8Array> {
  let inflater = new Inflater(codec)
  let before = 0
  let produced = 0
  try {
    const emit = async function* (chunk: Uint8Array | null) {
      for await (const piece of inflater.feed(chunk)) {
        produced += piece.length
        yield piece
      }
      if (inflater.error !== null) throw broken(name, codec, produced, inflater.error)
    }
    for await (const chunk of source) {
      let rest = chunk
      while (rest.length > 0) {
        yield* emit(rest)
        const used = inflater.consumed - before
        if (used >= rest.length) {
          before += rest.length
          break
        }
        // What zlib leaves of a gzip file is padding. Of a zstd file it is the next frame, which Node does
        // not go on to by itself.
        if (codec !== 'zstd') return
        rest = rest.subarray(used)
        inflater.close()
        inflater = new Inflater(codec)
        before = 0
      }
    }
    if (before > 0) yield* emit(null)
  } finally {
    inflater.close()
  }
}

function broken(name: string, codec: Codec, offset: number, error: Error) {
  const torn = (error as { code?: string }).code === 'Z_BUF_ERROR'
  const what = torn ? `ends in the middle of its ${codec} stream` : `has a damaged ${codec} stream`
  const reason = torn ? 'the file is incomplete' : reasonOf(error)
  return unreadable(
    `${name} ${what} after ${offset} decompressed bytes (${reason}); everything before was read. Copy or download the file again.`,
    { name, offset },
    error,
  )
}
