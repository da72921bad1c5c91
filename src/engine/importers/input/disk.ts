import { open } from 'node:fs/promises'
import { reasonOf, unreadable } from './unreadable.ts'

/** Bytes a disk read asks for: large enough that a read costs nothing beside parsing what it gives. */
const READ_BYTES = 1024 * 1024

/** Bytes of the first read, and of one behind a short read: most files are small. */
const SMALL_READ_BYTES = 64 * 1024

/**
 * A file's bytes from `offset` on, one read ahead of the consumer. Every chunk is a fresh buffer, so
 * consumers may keep views of it.
 *
 * @throws CairnError `input_unreadable`
 */
export async function* readDisk(
  path: string,
  options: { offset?: number; end?: number; onRead?: (bytesOnDisk: number) => void } = {},
): AsyncGenerator<Buffer> {
  let position = options.offset ?? 0
  const stop = options.end ?? Number.MAX_SAFE_INTEGER
  const handle = await open(path, 'r').catch((thrown: unknown) => {
    throw unreadable(`${path} cannot be opened: ${reasonOf(thrown)}.`, { path }, thrown)
  })
  const read = async (at: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafeSlow(Math.min(length, Math.max(0, stop - at)))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    return buffer.subarray(0, bytesRead)
  }
  let length = SMALL_READ_BYTES
  let ahead = read(position, length)
  try {
    for (;;) {
      const chunk = await ahead
      if (chunk.length === 0) return
      position += chunk.length
      length = chunk.length < length ? SMALL_READ_BYTES : READ_BYTES
      ahead = read(position, length)
      options.onRead?.(position)
      yield chunk
    }
  } catch (thrown) {
    throw unreadable(
      `${path} cannot be read at byte ${position}: ${reasonOf(thrown)}.`,
      { path, offset: position },
      thrown,
    )
  } finally {
    // The read ahead must have settled before its file is closed.
    await ahead.catch(() => undefined)
    await handle.close()
  }
}

/** The first bytes of a stream, at most `length`; the stream is then given up. */
export async function readHead(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    size += chunk.length
    if (size >= length) break
  }
  return Buffer.concat(parts).subarray(0, length)
}

/** A stream without its first `count` bytes: how a compressed file is resumed. */
export async function* dropBytes(
  chunks: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let left = count
  for await (const chunk of chunks) {
    if (left >= chunk.length) {
      left -= chunk.length
      continue
    }
    yield left > 0 ? chunk.subarray(left) : chunk
    left = 0
  }
}
