import { finished } from 'node:stream/promises'
import { CsvError, parse, type Info } from 'csv-parse'
import { RAW_LIMIT } from '../types.ts'
import type { Dialect } from './csv-dialect.ts'
import { behindOpenQuote, glueOf } from './csv-quotes.ts'

/** Bytes the CSV parser is fed at a time. */
const PIECE_BYTES = 64 * 1024

/** How often the lines of rows that were taken apart are read again at most, on average. */
const TRIES = 20

/** A row, or lines that are none. Texts are Latin-1, one character a byte. */
type Row = {
  /** Bytes and lines from the beginning to behind the row. */
  bytes: number
  lines: number
  /** The row as it stands; of what is none, at most the first `RAW_LIMIT` bytes. */
  raw: string
} & ({ record: string[] } | { record: null; fault: Error })

/** Says of a line that its quote closes in the middle of a later one. */
export const STRAY_QUOTE = new Error('A stray quote swallowed lines.')

/** Says of a row of several lines that each of these could be a row. */
export const UNCLEAR_QUOTE = new Error('A quote may have swallowed lines.')

/** Whether a row is a line with nothing in it. */
export const isBlank = (record: readonly string[]): boolean => record.length === 1 && record[0] === ''

/**
 * The CSV parser fed a piece at a time. Rows are taken as they are recognised instead of from the
 * parser's own output, which is dropped when an error follows. A row that a quote glued together, or that
 * has no end, is taken apart: its first line becomes one without a record, and the parser starts anew
 * behind it, with what was fed before and no second reading of the file. Lines that were read again too
 * often for that become a row each, so that the time is linear in the bytes, whatever they are.
 */
export class RowParser {
  readonly #dialect: Dialect
  readonly #limit: number
  #parser: ReturnType<typeof parse>
  #rows: Row[] = []
  #unread: Buffer[] = []
  /** Bytes that were fed in all, and the last pieces of them, from `#from` on: those that are not all of rows. */
  #fed = 0
  #held: Buffer[] = []
  #from = 0
  /** Where `#parser` began, and the end of the last row. */
  #start = { bytes: 0, lines: 0 }
  #end = { bytes: 0, lines: 0 }
  /** Columns of the table; 0 before its header was read. */
  #columns = 0
  /** Bytes of the glued row that stopped `#parser`. */
  #glued = 0
  /** A line that is no row and has no end yet; it is passed over. */
  #passing: { head: Buffer; fault: Error } | null = null
  /** Up to here a quote is known to have no end, so that `#parser` ends here too. */
  #stop = 0
  /** Up to here every line is a row. */
  #singly = 0
  /** Rows that were taken apart and lie in each other's lines, and the bytes read again for them. */
  #tangle = { from: 0, until: 0, again: 0 }

  /** @param limit bytes of the longest row */
  constructor(dialect: Dialect, limit: number) {
    this.#dialect = dialect
    this.#limit = limit
    this.#parser = this.#open()
  }

  #open(): ReturnType<typeof parse> {
    const { delimiter, lineEnd } = this.#dialect
    // Fields come as Latin-1, one character a byte, so that their own encoding can be checked and kept.
    const parser = parse({
      delimiter,
      // Left to itself, the parser would take the first line's end for the only one.
      record_delimiter: lineEnd === '\n' ? ['\r\n', '\n'] : ['\r'],
      encoding: 'latin1',
      info: true,
      raw: true,
      relax_column_count: true,
      relax_quotes: true,
      max_record_size: this.#limit,
      on_record: (row: unknown) => {
        const { info, raw, record } = row as { info: Info; raw: string; record: string[] }
        const bytes = this.#start.bytes + info.bytes
        const glue = glueOf(raw, this.#dialect, this.#columns)
        if (glue === 'stray') {
          this.#glued = bytes - this.#end.bytes
          throw STRAY_QUOTE
        }
        this.#end = { bytes, lines: this.#end.lines + raw.slice(0, -1).split(lineEnd).length }
        this.#rows.push({
          ...this.#end,
          ...(glue === 'none'
            ? { raw, record }
            : { raw: raw.slice(0, RAW_LIMIT), record: null, fault: UNCLEAR_QUOTE }),
        })
        if (this.#columns === 0 && !isBlank(record)) this.#columns = record.length
        return null
      },
    })
    // Whoever feeds the parser is told.
    parser.on('error', () => undefined)
    return parser
  }

  add(chunk: Buffer): void {
    this.#unread.push(chunk)
  }

  /** Reads on by a piece; false when there is none. */
  async read(): Promise<boolean> {
    const next = this.#unread.shift()
    if (!next) return false
    const { length, ends } = this.#pieceOf(next)
    const piece = next.subarray(0, length)
    if (length < next.length) this.#unread.unshift(next.subarray(length))
    this.#fed += length
    if (this.#passing !== null) {
      if (ends) this.#pass()
      return true
    }
    this.#held.push(piece)
    let fault = await this.#feed(piece)
    if (fault === null && ends) fault = await this.#finish()
    if (fault !== null) this.#takeApart(fault)
    else if (ends) this.#restart()
    else this.#release()
    return true
  }

  /**
   * Ends the input; true when that left lines to read again.
   *
   * @param torn the input broke off, so that a row without an end is none: it is read again, whole, where reading goes on
   */
  async end(torn: boolean): Promise<boolean> {
    if (this.#passing !== null) {
      if (!torn) this.#pass()
      return false
    }
    const fault = await this.#finish()
    if (torn) this.#rows = this.#rows.filter(({ raw }) => raw.endsWith(this.#dialect.lineEnd))
    if (fault === null || (torn && fault !== STRAY_QUOTE)) return false
    this.#takeApart(fault, { last: true })
    return true
  }

  /** Rows recognised since the last call. */
  take(): Row[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  /** How much is fed next, and whether the parser, or the line that is passed over, ends behind it. */
  #pieceOf(next: Buffer): { length: number; ends: boolean } {
    const piece = next.subarray(0, PIECE_BYTES)
    if (this.#passing !== null || this.#fed < this.#singly) {
      const end = piece.indexOf(this.#dialect.lineEnd) + 1
      return { length: end || piece.length, ends: end > 0 }
    }
    const left = this.#stop - this.#fed
    const ends = left > 0 && left <= piece.length
    return { length: ends ? left : piece.length, ends }
  }

  #feed(piece: Buffer): Promise<Error | null> {
    return new Promise((done) => this.#parser.write(piece, (error) => done(error ?? null)))
  }

  async #finish(): Promise<Error | null> {
    this.#parser.resume()
    this.#parser.end()
    return finished(this.#parser).then(
      () => null,
      (error: Error) => error,
    )
  }

  /** Lets go of pieces that are all of rows. */
  #release(): void {
    while (this.#held[0] && this.#from + this.#held[0].length <= this.#end.bytes)
      this.#from += this.#held.shift()!.length
  }

  #restart(): void {
    this.#start = this.#end
    this.#fed = this.#from = this.#end.bytes
    this.#held = []
    this.#glued = 0
    this.#parser = this.#open()
  }

  /** Leaves only the first line of a row that is none, and the rest to read again. */
  #takeApart(fault: Error, { last = false } = {}): void {
    const { lineEnd } = this.#dialect
    const held = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held)
    const text = held.subarray(this.#end.bytes - this.#from)
    const line = text.indexOf(lineEnd) + 1
    if (line === 0 && !last) {
      this.#passing = { head: Buffer.from(text.subarray(0, RAW_LIMIT)), fault }
      this.#held = []
      return
    }
    const length = line || text.length
    // A parser that stopped at the limit was fed more than it read.
    const tooLong = fault instanceof CsvError && fault.code === 'CSV_MAX_RECORD_SIZE'
    const seen = tooLong ? this.#limit : text.length
    const open = this.#glued === 0 ? behindOpenQuote(text, seen, lineEnd) : 0
    const from = this.#end.bytes
    const until = from + (this.#glued || open || text.length)
    if (from >= this.#tangle.until) this.#tangle = { from, until, again: 0 }
    this.#tangle.until = Math.max(this.#tangle.until, until)
    this.#tangle.again += until - from
    if (this.#tangle.again > TRIES * (this.#tangle.until - this.#tangle.from))
      this.#singly = this.#tangle.until
    else if (open > length) this.#stop = until
    this.#leave(text, length, fault)
    if (length < text.length) this.#unread.unshift(text.subarray(length))
    this.#restart()
  }

  /** Ends the line that is passed over. */
  #pass(): void {
    const { head, fault } = this.#passing!
    this.#passing = null
    this.#leave(head, this.#fed - this.#end.bytes, fault)
    this.#restart()
  }

  #leave(text: Buffer, length: number, fault: Error): void {
    this.#end = { bytes: this.#end.bytes + length, lines: this.#end.lines + 1 }
    const raw = text.toString('latin1', 0, Math.min(length, RAW_LIMIT))
    this.#rows.push({ ...this.#end, raw, record: null, fault })
  }
}
