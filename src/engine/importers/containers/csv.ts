import { isUtf8 } from 'node:buffer'
import { finished } from 'node:stream/promises'
import { CsvError, parse, type Info } from 'csv-parse'
import { CairnError } from '#shared/errors.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { ContainerItem, InputFile, Place } from '../types.ts'
import { detectDelimiter, type Delimiter } from './csv-dialect.ts'
import { parseJson } from './lenient-json.ts'
import { RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { encodingMessage, reject } from './parse-record.ts'
import { openText } from './text-source.ts'

const HEAD_BYTES = 256 * 1024

/** Unclosed quotes after which the rest of a file is given up. */
const MAX_MENDINGS = 100

/** Bytes the CSV parser is fed at a time. */
const PIECE_BYTES = 64 * 1024

/** More bytes than the CSV parser leaves unread at the end of a piece to look ahead. */
const LOOKAHEAD_BYTES = 16

/** Where reading stands between rows. */
interface Progress {
  offset: number
  line: number
  row: number
}

interface Dialect {
  delimiter: Delimiter
  /** What ends every line; before a line feed there may be a carriage return, in some lines or in all. */
  lineEnd: '\n' | '\r'
  header: readonly string[]
}

/**
 * Reads a table with a header row: comma, tab, semicolon or bar, found out from the beginning. A cell that
 * begins with a bracket and parses as JSON becomes that value; every other cell stays text, an empty one
 * included. A row with more or fewer fields than the header, or whose quote is never closed or only in the
 * middle of a later row, is rejected and costs only itself. `start` resumes at a row.
 *
 * @throws CairnError `input_unreadable`, after all rows before the break were delivered
 */
export async function* readCsv(file: InputFile, options: ReadOptions = {}): Batches {
  let dialect = await dialectOf(file)
  const at: Progress = { offset: 0, line: 1, row: -1 }
  const { start } = options
  for (let mendings = 0; ; mendings++) {
    const broken: { row: ContainerItem | null } = { row: null }
    for await (const batch of readRows(file, at, dialect, broken, options)) {
      if (batch.header) dialect = { ...dialect, header: batch.header }
      const items = start ? batch.items.filter((item) => placeOf(item).row >= start.row) : batch.items
      if (items.length > 0) yield items
    }
    if (broken.row === null) return
    if (!start || placeOf(broken.row).row >= start.row) yield [broken.row]
    if (mendings === MAX_MENDINGS || at.row < 0) return
    // The quote swallowed everything behind it: go on at the next line.
    const next = await nextLine(file, at.offset, dialect)
    if (next === null) return
    at.offset = next
    at.line++
    at.row++
  }
}

async function* readRows(
  file: InputFile,
  at: Progress,
  dialect: Dialect,
  broken: { row: ContainerItem | null },
  options: ReadOptions,
): AsyncGenerator<{ header: readonly string[] | null; items: readonly ContainerItem[] }> {
  const source = await openText(file, {
    offset: at.offset,
    ...(options.onRead ? { onRead: options.onRead } : {}),
  })
  const base = { position: source.start, line: at.line }
  at.offset = source.offsetOf(source.start)
  const parser = new RowParser(dialect, options.recordLimit ?? RECORD_LIMIT)
  let names = dialect.header.length > 0 ? dialect.header : null
  let found: readonly string[] | null = null
  let failure: unknown = null
  const items = (): ContainerItem[] => {
    const batch: ContainerItem[] = []
    for (const { bytes, lines, raw, record } of parser.take()) {
      const place: Place = { line: at.line, row: Math.max(0, at.row), offset: at.offset }
      const line = Buffer.from(raw.replace(/\r?\n?$/, ''), 'latin1')
      if (record === null && names === null) {
        // No row can be read without the header.
        broken.row = strayQuote(place, line)
        break
      }
      at.offset = source.offsetOf(base.position + bytes)
      at.line = base.line + lines
      if (record?.length === 1 && record[0] === '') continue
      at.row++
      if (names === null) names = found = record?.map(textOf) ?? null
      else batch.push(record === null ? strayQuote(place, line) : toItem(record, names, place, line))
    }
    return batch
  }
  try {
    for await (const chunk of source.chunks) {
      parser.add(chunk)
      while (await parser.read()) yield { header: found, items: items() }
      if (parser.error !== null || broken.row !== null) break
    }
  } catch (thrown) {
    failure = thrown
  }
  while (broken.row === null && parser.error === null && (await parser.end())) {
    while (await parser.read()) yield { header: found, items: items() }
  }
  yield { header: found, items: items() }
  if (broken.row === null && parser.error !== null) {
    const place: Place = { line: at.line, row: Math.max(0, at.row), offset: at.offset }
    broken.row = await brokenRow(file, place, dialect, parser.error)
  }
  if (failure !== null) throw failure as Error
}

interface Row {
  /** Bytes and lines from the beginning to behind the row. */
  bytes: number
  lines: number
  raw: string
  /** Null for a line whose quote swallowed the lines behind it. */
  record: string[] | null
}

const SWALLOWED = new Error('A stray quote swallowed lines.')

/**
 * The CSV parser fed a piece at a time. Rows are taken as they are recognised instead of from the
 * parser's own output, which is dropped when an error follows. A row that a stray quote glued together is
 * taken apart: its first line becomes a row without a record, and the parser starts anew behind it. That
 * needs no second reading of the file, so any number of them costs little.
 */
class RowParser {
  readonly #dialect: Dialect
  readonly #limit: number
  #parser: ReturnType<typeof parse>
  #rows: Row[] = []
  #unread: Buffer[] = []
  /** The last bytes that were fed, and how many there were in all. */
  #recent: Buffer = Buffer.alloc(0)
  #fed = 0
  /** Where `#parser` began, and the end of the last row. */
  #start = { bytes: 0, lines: 0 }
  #end = { bytes: 0, lines: 0 }
  /** Columns of the table; 0 before its header was read. */
  #columns: number
  /** Text of the glued row that stopped `#parser`. */
  #glued: string | null = null
  error: Error | null = null

  constructor(dialect: Dialect, limit: number) {
    this.#dialect = dialect
    this.#columns = dialect.header.length
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
        if (isGlued(raw, this.#dialect, this.#columns)) {
          this.#glued = raw
          throw SWALLOWED
        }
        this.#end = { bytes: this.#start.bytes + info.bytes, lines: this.#start.lines + info.lines }
        this.#rows.push({ ...this.#end, raw, record })
        if (this.#columns === 0) this.#columns = record.length
        return null
      },
    })
    parser.on('error', (error) => {
      if (error !== SWALLOWED) this.error = error
    })
    return parser
  }

  add(chunk: Buffer): void {
    this.#unread.push(chunk)
  }

  /** Reads on by a piece; false when there is none. */
  async read(): Promise<boolean> {
    const next = this.error === null ? this.#unread.shift() : undefined
    if (!next) return false
    const piece = next.subarray(0, PIECE_BYTES)
    if (piece.length < next.length) this.#unread.unshift(next.subarray(piece.length))
    this.#recent = Buffer.concat([this.#recent.subarray(-LOOKAHEAD_BYTES), piece])
    this.#fed += piece.length
    await new Promise<void>((done) => this.#parser.write(piece, () => done()))
    this.#takeApart()
    return true
  }

  /** Ends the input; true when that left lines to read again. */
  async end(): Promise<boolean> {
    this.#parser.resume()
    this.#parser.end()
    await finished(this.#parser).catch(() => undefined)
    return this.#takeApart()
  }

  /** Rows recognised since the last call. */
  take(): Row[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  /** Leaves only the first line of a glued row, and the rest to read again. */
  #takeApart(): boolean {
    const raw = this.#glued
    if (raw === null) return false
    const length = raw.indexOf(this.#dialect.lineEnd) + 1
    const behind = this.#fed - this.#end.bytes - raw.length
    this.#unread.unshift(
      Buffer.from(raw.slice(length), 'latin1'),
      this.#recent.subarray(this.#recent.length - behind),
    )
    this.#end = this.#start = { bytes: this.#end.bytes + length, lines: this.#end.lines + 1 }
    this.#rows.push({ ...this.#end, raw: raw.slice(0, length), record: null })
    this.#fed = this.#end.bytes
    this.#glued = null
    this.#parser = this.#open()
    return true
  }
}

/**
 * Whether a cell of a row opens with a quote that closes on a later line and yet in the middle of a cell.
 * Such a quote is a stray one: it belongs to the text, and the lines up to the next quote are other rows.
 * Where a quote ends the cell it was quoted, and the quotes inside were only not written twice, unless each line is a row
 * by itself: two columns are too few to tell.
 */
function isGlued(raw: string, { delimiter, lineEnd }: Dialect, columns: number): boolean {
  const breaks = raw.indexOf(lineEnd)
  if (breaks < 0 || breaks === raw.length - 1) return false
  const end = raw.replace(/\r?\n?$/, '').length
  for (let cell = 0; cell < end;) {
    let behind = cell
    if (raw[cell] === '"') {
      behind = closingQuote(raw, cell) + 1
      while (raw[behind] === ' ') behind++
      const closed = behind >= end || raw[behind] === delimiter
      if (!closed && raw.slice(cell, behind).includes(lineEnd)) {
        const stop = raw.indexOf(delimiter, behind)
        const last = raw.slice(behind, stop < 0 ? end : stop).trimEnd()
        const quotes = last.length - last.replace(/"+$/, '').length
        if (quotes % 2 === 0) return true
        const lines = raw.slice(0, end).split(lineEnd)
        return columns > 2 && lines.every((line) => line.split(delimiter).length === columns)
      }
    }
    const next = raw.indexOf(delimiter, behind)
    if (next < 0) return false
    cell = next + 1
  }
  return false
}

/** Index of the quote that closes the one at `open`; two in a row stand for one in the text. */
function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1)
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
  return close < 0 ? text.length : close
}

function toItem(record: readonly string[], names: readonly string[], at: Place, raw: Buffer): ContainerItem {
  if (!isUtf8(raw)) return reject('invalid_encoding', encodingMessage(raw), at, raw)
  if (record.length !== names.length) {
    const message = `The row has ${record.length} fields where the header has ${names.length}.`
    return reject('invalid_csv', message, at, raw)
  }
  const value = Object.fromEntries(names.map((name, index) => [name, cellOf(textOf(record[index] ?? ''))]))
  return { record: { value, at, raw } }
}

function cellOf(text: string): Json {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

function strayQuote(at: Place, line: Buffer): ContainerItem {
  const message =
    'A cell of this row opens with a quote that is not closed where the cell ends; the row was left out. ' +
    'If the quote belongs to the text, quote the whole cell and write the quotes inside it twice.'
  return reject('invalid_csv', message, at, line)
}

async function brokenRow(file: InputFile, at: Place, dialect: Dialect, error: Error): Promise<ContainerItem> {
  const raw = await lineAt(file, at.offset ?? 0, dialect)
  const code = error instanceof CsvError ? error.code : null
  if (code === 'CSV_MAX_RECORD_SIZE') {
    const message =
      'The row is longer than the limit, perhaps for a quote that is never closed; reading went on at the next line.'
    return reject('record_too_large', message, at, raw)
  }
  const message =
    code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'A quote opened in this row is never closed; the row was left out and reading went on at the next line.'
      : `The row is not valid CSV: ${error.message}.`
  return reject('invalid_csv', message, at, raw)
}

/** The line at an offset as UTF-8, or its beginning when it is long. */
async function lineAt(file: InputFile, offset: number, { lineEnd }: Dialect): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of (await openText(file, { offset })).chunks) {
    const end = chunk.indexOf(lineEnd)
    parts.push(end < 0 ? chunk : chunk.subarray(0, end))
    length += chunk.length
    if (end >= 0 || length > HEAD_BYTES) break
  }
  return Buffer.concat(parts)
}

/** Offset behind the next line break; null when there is none. */
async function nextLine(file: InputFile, offset: number, { lineEnd }: Dialect): Promise<number | null> {
  const source = await openText(file, { offset })
  let position = source.start
  for await (const chunk of source.chunks) {
    const end = chunk.indexOf(lineEnd)
    if (end >= 0) return source.offsetOf(position + end + 1)
    position += chunk.length
  }
  return null
}

async function dialectOf(file: InputFile): Promise<Dialect> {
  const parts: Buffer[] = []
  let length = 0
  let complete = true
  try {
    for await (const chunk of (await openText(file)).chunks) {
      parts.push(chunk)
      length += chunk.length
      complete = length < HEAD_BYTES
      if (!complete) break
    }
  } catch (thrown) {
    // What came through before the break is enough; reading the rows meets the break again.
    if (!(thrown instanceof CairnError)) throw thrown
  }
  const head = Buffer.concat(parts).subarray(0, HEAD_BYTES).toString('utf8')
  return { delimiter: detectDelimiter(head, complete) ?? ',', lineEnd: lineEndOf(head), header: [] }
}

/** Only a head without line feeds outside quotes is of the kind that ends lines with a carriage return. */
function lineEndOf(head: string): Dialect['lineEnd'] {
  const plain = head.replace(/"[^"]*"/g, '')
  return plain.includes('\r') && !plain.includes('\n') ? '\r' : '\n'
}

const textOf = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

const placeOf = (item: ContainerItem): Place => ('record' in item ? item.record.at : item.reject.at)
