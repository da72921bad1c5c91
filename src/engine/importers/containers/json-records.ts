import type { Json } from '#shared/domain/trace.ts'
import type { ContainerItem, Place } from '../types.ts'
import { Batcher } from './batcher.ts'
import type { Element, ElementReader } from './json-elements.ts'
import type { Batches } from './options.ts'
import { parseRecord, reject, tooLarge } from './parse-record.ts'

/** What is common to everything read out of one document. */
export interface Reading {
  offsetOf(position: number): number
  limit: number
  /** Row of the next record. */
  row: number
  /** Rows before this one are counted and not delivered (resuming). */
  firstRow: number
}

/** Makes a delivered value of a parsed element; a string is the reason why it cannot. */
export type Shaping = (value: Json, element: Element) => Json

/** Delivers every element of a collection as a record. */
export async function* readElements(reader: ElementReader, reading: Reading, shape?: Shaping): Batches {
  const batcher = new Batcher()
  let torn = false
  for (;;) {
    const element = await reader.next()
    if (element === null) break
    const { item, used } = await toItem(reader, element, reading)
    torn = 'reject' in item && item.reject.code === 'torn_record'
    // Half a record of a stream that broke is read again, whole, where reading goes on.
    if (used.torn && 'reject' in item && reader.window.failure !== null) break
    if (reading.row++ >= reading.firstRow) batcher.add(shape ? reshape(item, used, shape) : item, used.length)
    if (batcher.full) yield batcher.take()
  }
  if (reader.closing === 'open' && !torn && reader.window.failure === null) {
    batcher.add(
      unclosed({ line: reader.line, row: reading.row, offset: reading.offsetOf(reader.position) }),
      0,
    )
  }
  const rest = batcher.take()
  if (rest.length > 0) yield rest
}

/** Parses an element, mending its extent when that makes it parse or spares its neighbours. */
export async function toItem(
  reader: ElementReader,
  element: Element,
  reading: Reading,
): Promise<{ item: ContainerItem; used: Element }> {
  const at: Place = { line: element.line, row: reading.row, offset: reading.offsetOf(element.start) }
  if (element.large)
    return { item: tooLarge(element.length, reading.limit, at, element.bytes), used: element }
  const item = parseRecord(element.bytes, at, { torn: element.torn })
  if ('record' in item) {
    // A number at the very end of a torn array may have lost digits.
    if (element.torn && reader.kind !== 'sequence' && !isClosed(element.bytes)) {
      const message = 'The file ends in the middle of this record; it was cut off or is still being written.'
      return { item: reject('torn_record', message, at, element.bytes), used: element }
    }
    reader.learn(element)
    return { item, used: element }
  }
  if (item.reject.code !== 'invalid_json' && item.reject.code !== 'torn_record')
    return { item, used: element }
  const mended = await reader.mend(element)
  return mended === element ? { item, used: element } : { item: parseRecord(mended.bytes, at), used: mended }
}

/** Says that a document ends before its records are closed, where no record was cut. */
function unclosed(at: Place): ContainerItem {
  const message = 'The file ends before its records are closed; every complete record before was kept.'
  return reject('torn_record', message, at, new Uint8Array(0), 0)
}

export function reshape(item: ContainerItem, element: Element, shape: Shaping): ContainerItem {
  if ('reject' in item) return item
  // Its bytes would not give the shaped value again.
  return { record: { ...item.record, value: shape(item.record.value, element), raw: null } }
}

function isClosed(bytes: Buffer): boolean {
  const last = bytes[bytes.length - 1]
  return last === 0x7d || last === 0x5d || last === 0x22
}
