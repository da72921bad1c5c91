/**
 * A sliding view on a stream, addressed by stream position. Bytes from `keep` on stay available until
 * `keep` is moved. Memory handed out as views is never written again.
 */
export class ByteWindow {
  readonly #chunks: AsyncIterator<Buffer>
  #storage: Buffer = Buffer.alloc(0)
  /** The valid bytes; index 0 is stream position `base`. */
  bytes: Buffer = Buffer.alloc(0)
  base: number
  /** No bytes follow. */
  ended = false
  /** Why the stream ended, when it broke rather than finished. */
  failure: unknown = null

  constructor(chunks: AsyncIterable<Buffer>, start: number) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.base = start
  }

  /** Position after the last byte at hand. */
  get end(): number {
    return this.base + this.bytes.length
  }

  /** Reads on, giving up bytes before `keep`. False at the end of the stream. */
  async fill(keep: number): Promise<boolean> {
    if (this.ended) return false
    let next: IteratorResult<Buffer>
    try {
      next = await this.#chunks.next()
    } catch (thrown) {
      this.failure = thrown
      this.ended = true
      return false
    }
    if (next.done) {
      this.ended = true
      return false
    }
    this.#append(next.value, Math.min(keep, this.end))
    return true
  }

  #append(chunk: Buffer, keep: number): void {
    const live = this.bytes.subarray(keep - this.base)
    if (live.length === 0) {
      this.#storage = chunk
      this.bytes = chunk
    } else {
      const used = this.bytes.byteOffset + this.bytes.length - this.#storage.byteOffset
      if (this.#storage.length - used >= chunk.length) {
        this.#storage.set(chunk, used)
        this.bytes = this.#storage.subarray(used - live.length, used + chunk.length)
      } else {
        // Twice what is needed, so that a record of many chunks is copied a bounded number of times.
        this.#storage = Buffer.allocUnsafeSlow(2 * (live.length + chunk.length))
        this.#storage.set(live, 0)
        this.#storage.set(chunk, live.length)
        this.bytes = this.#storage.subarray(0, live.length + chunk.length)
      }
    }
    this.base = keep
  }

  /** Bytes of a range at hand. */
  slice(from: number, to: number): Buffer {
    return this.bytes.subarray(from - this.base, to - this.base)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}
