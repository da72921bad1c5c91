import { RAW_LIMIT, type ContainerItem, type InputFile, type Place } from '../types.ts'
import { RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { parseRecord, tooLarge } from './parse-record.ts'
import { openText, type TextSource } from './text-source.ts'

const NEWLINE = 0x0a
const NO_BYTES = Buffer.alloc(0)

/**
 * Reads one JSON value a line. Blank lines count as lines and not as rows. Memory is one chunk and the
 * longest line, and the longest line is held only up to the record limit.
 *
 * All lines before a break in the stream are delivered before its error is thrown; half a line is not, because it is read
 * again, whole, where reading goes on.
 *
 * @throws CairnError `input_unreadable`
 */
export async function* readJsonl(file: InputFile, options: ReadOptions = {}): Batches {
  const source = await openText(file, {
    ...(options.start?.offset == null ? {} : { offset: options.start.offset }),
    ...(options.onRead ? { onRead: options.onRead } : {}),
  })
  const reader = new LineReader(source, options.recordLimit ?? RECORD_LIMIT, options.start)
  let failure: unknown = null
  try {
    for await (const chunk of source.chunks) {
      const items = reader.take(chunk)
      if (items.length > 0) yield items
    }
  } catch (thrown) {
    failure = thrown
  }
  const last = reader.finish()
  if (last.length > 0 && (failure === null || 'record' in last[0]!)) yield last
  if (failure !== null) throw failure as Error
}

class LineReader {
  readonly #source: TextSource
  readonly #limit: number
  /** Position of the first byte not yet assigned to a finished line. */
  #position: number
  #line: number
  #row: number
  /** Pieces of a line that began in an earlier chunk; beyond the limit only its head is held. */
  #pieces: Buffer[] = []
  #length = 0

  constructor(source: TextSource, limit: number, start: Place | undefined) {
    this.#source = source
    this.#limit = limit
    this.#position = source.start
    this.#line = start?.line ?? 1
    this.#row = start?.row ?? 0
  }

  /** The records whose lines end in this chunk. */
  take(chunk: Buffer): ContainerItem[] {
    const items: ContainerItem[] = []
    let from = 0
    const last = chunk.lastIndexOf(NEWLINE)
    if (last < 0) {
      this.#hold(chunk)
      return items
    }
    if (this.#length > 0) {
      const end = chunk.indexOf(NEWLINE)
      this.#hold(chunk.subarray(0, end))
      this.#finishHeld(items, false)
      this.#line++
      from = end + 1
    }
    while (from <= last) {
      const end = chunk.indexOf(NEWLINE, from)
      const bytes = chunk.subarray(from, end)
      if (bytes.length > this.#limit) this.#addTooLarge(items, bytes, bytes.length)
      else this.#add(items, bytes, false)
      this.#position += end + 1 - from
      this.#line++
      from = end + 1
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from))
    return items
  }

  /** The record of a last line without newline. */
  finish(): ContainerItem[] {
    const items: ContainerItem[] = []
    if (this.#length > 0) this.#finishHeld(items, true)
    return items
  }

  #hold(piece: Buffer): void {
    this.#length += piece.length
    if (this.#length <= this.#limit) this.#pieces.push(piece)
    else if (this.#pieces.length > 1 || (this.#pieces[0] ?? piece).length > RAW_LIMIT) {
      this.#pieces = [Buffer.concat([...this.#pieces, piece]).subarray(0, RAW_LIMIT)]
    } else if (this.#pieces.length === 0) this.#pieces.push(piece)
  }

  #finishHeld(items: ContainerItem[], torn: boolean): void {
    const [only = NO_BYTES] = this.#pieces
    const bytes = this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
    const length = this.#length
    this.#pieces = []
    this.#length = 0
    if (length > this.#limit) this.#addTooLarge(items, bytes, length)
    else this.#add(items, bytes, torn)
    this.#position += length + 1
  }

  #add(items: ContainerItem[], line: Buffer, torn: boolean): void {
    const lead = leadingBlanks(line)
    if (lead === line.length) return
    const end = line.length - (line[line.length - 1] === 0x0d ? 1 : 0)
    const bytes = lead === 0 && end === line.length ? line : line.subarray(lead, end)
    items.push(parseRecord(bytes, this.#place(lead), { torn }))
    this.#row++
  }

  #addTooLarge(items: ContainerItem[], head: Buffer, length: number): void {
    items.push(tooLarge(length, this.#limit, this.#place(0), head))
    this.#row++
  }

  #place(lead: number): Place {
    return { line: this.#line, row: this.#row, offset: this.#source.offsetOf(this.#position + lead) }
  }
}

function leadingBlanks(line: Buffer): number {
  let index = 0
  for (; index < line.length; index++) {
    const byte = line[index]
    if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) break
  }
  return index
}
