import { isUtf8 } from 'node:buffer'
import { CsvError } from 'csv-parse'
import { CairnError } from '#shared/errors.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { ContainerItem, InputFile, Place } from '../types.ts'
import { detectDelimiter, type Dialect } from './csv-dialect.ts'
import { isBlank, RowParser, STRAY_QUOTE, UNCLEAR_QUOTE } from './csv-rows.ts'
import { parseJson } from './lenient-json.ts'
import { RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { encodingMessage, reject } from './parse-record.ts'
import { openText } from './text-source.ts'

const HEAD_BYTES = 256 * 1024

const NO_HEADER =
  'The header opens with a quote that is not closed where a name ends, so that no row below it could be read. ' +
  'Mend the file and import it again.'

/**
 * Reads a table with a header row: comma, tab, semicolon or bar, found out from the beginning. A cell that
 * begins with a bracket and parses as JSON becomes that value; every other cell stays text, an empty one
 * included. A row with more or fewer fields than the header, or whose quote is never closed or only in the
 * middle of a later row, is rejected and costs only itself; where that cannot be told from a cell of several lines whose
 * quotes were not written twice, all of these lines are one reject. `start` resumes at a row.
 *
 * @throws CairnError `input_unreadable`, after all rows before the break were delivered
 */
export async function* readCsv(file: InputFile, options: ReadOptions = {}): Batches {
  const { start, onRead, recordLimit = RECORD_LIMIT } = options
  const dialect = await dialectOf(file)
  const source = await openText(file, onRead ? { onRead } : {})
  const parser = new RowParser(dialect, recordLimit)
  const at = { line: 1, row: 0, offset: source.offsetOf(source.start) }
  let names: readonly string[] | null = null
  let headless = false
  const items = (): ContainerItem[] => {
    const batch: ContainerItem[] = []
    for (const row of parser.take()) {
      const place = { ...at }
      const line = Buffer.from(row.raw.replace(/\r?\n?$/, ''), 'latin1')
      at.offset = source.offsetOf(source.start + row.bytes)
      at.line = 1 + row.lines
      if (row.record === null && names === null) {
        batch.push(reject('invalid_csv', NO_HEADER, place, line))
        headless = true
        break
      }
      if (row.record === null) batch.push(faulty(row.fault, place, line))
      else if (isBlank(row.record)) continue
      else if (names === null) {
        names = row.record.map(textOf)
        continue
      } else batch.push(toItem(row.record, names, place, line))
      at.row++
    }
    return start ? batch.filter((item) => placeOf(item).row >= start.row) : batch
  }
  let failure: unknown = null
  try {
    for await (const chunk of source.chunks) {
      parser.add(chunk)
      while (!headless && (await parser.read())) yield items()
      if (headless) return
    }
  } catch (thrown) {
    failure = thrown
  }
  while (!headless && (await parser.end(failure !== null))) {
    yield items()
    while (!headless && (await parser.read())) yield items()
  }
  yield items()
  if (failure !== null) throw failure as Error
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

const UNCLEAR =
  'A cell of this row opens with a quote, and whether that is closed on the same line or on a later one cannot be told: ' +
  'its lines could be one row or several, so all of them were left out. Write the quotes inside a quoted cell twice.'

/** The reject of lines that are no row. */
function faulty(fault: Error, at: Place, line: Buffer): ContainerItem {
  const code = fault instanceof CsvError ? fault.code : null
  if (code === 'CSV_MAX_RECORD_SIZE') {
    const message =
      'The row is longer than the limit, perhaps for a quote that is never closed; reading went on at the next line.'
    return reject('record_too_large', message, at, line)
  }
  if (fault === UNCLEAR_QUOTE) return reject('invalid_csv', UNCLEAR, at, line)
  const message =
    fault === STRAY_QUOTE
      ? 'A cell of this row opens with a quote that is not closed where the cell ends; the row was left out. ' +
        'If the quote belongs to the text, quote the whole cell and write the quotes inside it twice.'
      : code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'A quote opened in this row is never closed; the row was left out and reading went on at the next line.'
        : `The row is not valid CSV: ${fault.message}.`
  return reject('invalid_csv', message, at, line)
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
  return { delimiter: detectDelimiter(head, complete) ?? ',', lineEnd: lineEndOf(head) }
}

/** Only a head without line feeds outside quotes is of the kind that ends lines with a carriage return. */
function lineEndOf(head: string): Dialect['lineEnd'] {
  const plain = head.replace(/"[^"]*"/g, '')
  return plain.includes('\r') && !plain.includes('\n') ? '\r' : '\n'
}

const textOf = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

const placeOf = (item: ContainerItem): Place => ('record' in item ? item.record.at : item.reject.at)
