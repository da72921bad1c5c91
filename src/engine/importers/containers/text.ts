import { isUtf8 } from 'node:buffer'
import type { ContainerItem, InputFile, Place } from '../types.ts'
import { RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { encodingMessage, reject, tooLarge } from './parse-record.ts'
import { openText } from './text-source.ts'

/**
 * Reads a plain text file as one record `{ text }`. An empty file has no record, nor has one that breaks off: it is read
 * again, whole, where reading goes on.
 *
 * @throws CairnError `input_unreadable`
 */
export async function* readText(file: InputFile, options: ReadOptions = {}): Batches {
  if (options.start && options.start.row > 0) return
  const limit = options.recordLimit ?? RECORD_LIMIT
  const source = await openText(file, options.onRead ? { onRead: options.onRead } : {})
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of source.chunks) {
    length += chunk.length
    if (length <= limit || parts.length === 0) parts.push(chunk)
  }
  if (length === 0) return
  const bytes = Buffer.concat(parts)
  const at = { line: 1, row: 0, offset: source.direct ? source.start : source.offsetOf(0) }
  if (length > limit) yield [tooLarge(length, limit, at, bytes)]
  else yield [parseText(bytes, at)]
}

export function parseText(bytes: Buffer, at: Place): ContainerItem {
  if (!isUtf8(bytes)) return reject('invalid_encoding', encodingMessage(bytes), at, bytes)
  return { record: { value: { text: bytes.toString('utf8') }, at, raw: bytes } }
}
