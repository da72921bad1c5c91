import type { Json } from '#shared/domain/trace.ts'
import type { Place } from '../types.ts'
import { Batcher } from './batcher.ts'
import type { IndexedMember } from './json-index.ts'
import type { Element, ElementReader } from './json-elements.ts'
import type { Reading } from './json-records.ts'
import type { Batches } from './options.ts'
import { parseRecord, reject, tooLarge } from './parse-record.ts'

/** A column of a dict of lists and the reader that stands at its first cell. */
export interface Column {
  member: IndexedMember
  reader: ElementReader
}

/**
 * Zips columns into records. Every column is read through a window of its own, so memory is bounded by
 * the longest cells; a compressed file is decompressed once for each column. A column that ends before
 * the others leaves its field out, unless the file itself was cut there; of a stream that broke, the rows
 * before the break are given.
 */
export async function* readColumns(columns: readonly Column[], reading: Reading): Batches {
  const batcher = new Batcher()
  const rows = columns.reduce((most, { member }) => Math.max(most, member.count), 0)
  for (;;) {
    const cells: { column: Column; cell: Element }[] = []
    let cut: Element | 'column' | null = null
    for (const column of columns) {
      const cell = await column.reader.next()
      if (cell !== null && !cell.torn) cells.push({ column, cell })
      else if (cell !== null) cut = cell
      else if (column.reader.closing === 'open') cut = 'column'
    }
    const [first] = cells
    const at: Place = {
      line: first?.cell.line ?? null,
      row: reading.row,
      offset: first ? reading.offsetOf(first.cell.start) : null,
    }
    if (cut !== null) {
      // The row at the break of a stream is read again, whole, where reading goes on.
      if (columns.some(({ reader }) => reader.window.failure !== null)) break
      const missing = Math.max(1, rows - reading.row)
      const message = `The file ends inside a column; the ${missing} records from here on are incomplete.`
      batcher.add(
        reject('torn_record', message, at, cut === 'column' ? new Uint8Array(0) : cut.bytes, missing),
        0,
      )
      break
    }
    if (first === undefined) break
    const wanted = reading.row++ >= reading.firstRow
    if (wanted)
      batcher.add(
        rowOf(cells, at, reading.limit),
        cells.reduce((sum, { cell }) => sum + cell.length, 0),
      )
    if (batcher.full) yield batcher.take()
  }
  const rest = batcher.take()
  if (rest.length > 0) yield rest
}

function rowOf(cells: readonly { column: Column; cell: Element }[], at: Place, limit: number) {
  const fields: [string, Json][] = []
  const parts: Buffer[] = []
  for (const { column, cell } of cells) {
    const { key } = column.member
    if (cell.large) return tooLarge(cell.length, limit, at, cell.bytes)
    const item = parseRecord(cell.bytes, at)
    if ('reject' in item) {
      return reject(item.reject.code, `Column "${key}": ${item.reject.message}`, at, cell.bytes)
    }
    fields.push([key, item.record.value])
    parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`), cell.bytes)
  }
  return {
    record: { value: Object.fromEntries(fields), at, raw: Buffer.concat([...parts, Buffer.from('}')]) },
  }
}
