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

/** Where reading stands between rows. */
interface Progress {
  offset: number
  line: number
  row: number
}

interface Dialect {
  delimiter: Delimiter
  header: readonly string[]
}

/**
 * Reads a table with a header row: comma, tab, semicolon or bar, found out from the beginning. A cell that
 * begins with a bracket and parses as JSON becomes that value; every other cell stays text, an empty one
 * included. A row with more or fewer fields than the header, or whose quote is never closed, is rejected
 * and costs only itself. `start` resumes at a row.
 *
 * @throws CairnError `input_unreadable`, after all rows before the break were delivered
 */
export async function* readCsv(file: InputFile, options: ReadOptions = {}): Batches {
  const delimiter = await delimiterOf(file)
  const at: Progress = { offset: 0, line: 1, row: -1 }
  let dialect: Dialect = { delimiter, header: [] }
  const { start } = options
  for (let mendings = 0; ; mendings++) {
    const broken: { row: ContainerItem | null } = { row: null }
    for await (const batch of readRows(file, at, dialect, broken, options)) {
      if (batch.header) dialect = { delimiter, header: batch.header }
      const items = start ? batch.items.filter((item) => placeOf(item).row >= start.row) : batch.items
      if (items.length > 0) yield items
    }
    if (broken.row === null) return
    if (!start || placeOf(broken.row).row >= start.row) yield [broken.row]
    if (mendings === MAX_MENDINGS || at.row < 0) return
    // The quote swallowed everything behind it: go on at the next line.
    const next = await nextLine(file, at.offset)
    if (next === null) return
    at.offset = next
    at.line++
    at.row++
  }
}

async function* readRows(
  file: InputFile,
  at: Progress,
  { delimiter, header }: Dialect,
  broken: { row: ContainerItem | null },
  options: ReadOptions,
): AsyncGenerator<{ header: readonly string[] | null; items: readonly ContainerItem[] }> {
  const source = await openText(file, {
    offset: at.offset,
    ...(options.onRead ? { onRead: options.onRead } : {}),
  })
  const base = { position: source.start, line: at.line }
  at.offset = source.offsetOf(source.start)
  const parser = new RowParser(delimiter, options.recordLimit ?? RECORD_LIMIT)
  let names = header.length > 0 ? header : null
  let found: readonly string[] | null = null
  let failure: unknown = null
  const items = (): ContainerItem[] => {
    const batch: ContainerItem[] = []
    for (const { info, raw, record } of parser.take()) {
      const place: Place = { line: at.line, row: at.row, offset: at.offset }
      at.offset = source.offsetOf(base.position + info.bytes)
      at.line = base.line + info.lines
      if (record.length === 1 && record[0] === '') continue
      at.row++
      if (names === null) names = found = record.map(textOf)
      else batch.push(toItem(record, names, place, Buffer.from(raw.replace(/\r?\n?$/, ''), 'latin1')))
    }
    return batch
  }
  try {
    for await (const chunk of source.chunks) {
      await parser.write(chunk)
      yield { header: found, items: items() }
      if (parser.error !== null) break
    }
  } catch (thrown) {
    failure = thrown
  }
  if (parser.error === null) await parser.end()
  yield { header: found, items: items() }
  if (parser.error !== null) {
    const place: Place = { line: at.line, row: Math.max(0, at.row), offset: at.offset }
    broken.row = await brokenRow(file, place, parser.error)
  }
  if (failure !== null) throw failure as Error
}

interface Row {
  info: Info
  raw: string
  record: string[]
}

/**
 * The CSV parser fed a chunk at a time. Rows are taken as they are recognised instead of from the
 * parser's own output, which is dropped when an error follows.
 */
class RowParser {
  readonly #parser: ReturnType<typeof parse>
  #rows: Row[] = []
  error: Error | null = null

  constructor(delimiter: Delimiter, limit: number) {
    // Fields come as Latin-1, one character a byte, so that their own encoding can be checked and kept.
    this.#parser = parse({
      delimiter,
      encoding: 'latin1',
      info: true,
      raw: true,
      relax_column_count: true,
      relax_quotes: true,
      max_record_size: limit,
      on_record: (row: unknown) => {
        this.#rows.push(row as Row)
        return null
      },
    })
    this.#parser.on('error', (error) => {
      this.error = error
    })
  }

  async write(chunk: Buffer): Promise<void> {
    await new Promise<void>((done) => this.#parser.write(chunk, () => done()))
  }

  async end(): Promise<void> {
    this.#parser.resume()
    this.#parser.end()
    await finished(this.#parser).catch(() => undefined)
  }

  /** Rows recognised since the last call. */
  take(): Row[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }
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

async function brokenRow(file: InputFile, at: Place, error: Error): Promise<ContainerItem> {
  const raw = await lineAt(file, at.offset ?? 0)
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

async function lineAt(file: InputFile, offset: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of file.open({ offset })) {
    const end = chunk.indexOf(0x0a)
    parts.push(end < 0 ? chunk : chunk.subarray(0, end))
    length += chunk.length
    if (end >= 0 || length > HEAD_BYTES) break
  }
  return Buffer.concat(parts)
}

/** Offset behind the next line break; null when there is none. */
async function nextLine(file: InputFile, offset: number): Promise<number | null> {
  let position = offset
  for await (const chunk of file.open({ offset })) {
    const end = chunk.indexOf(0x0a)
    if (end >= 0) return position + end + 1
    position += chunk.length
  }
  return null
}

async function delimiterOf(file: InputFile): Promise<Delimiter> {
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
  return detectDelimiter(Buffer.concat(parts).subarray(0, HEAD_BYTES).toString('utf8'), complete) ?? ','
}

const textOf = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

const placeOf = (item: ContainerItem): Place => ('record' in item ? item.record.at : item.reject.at)
