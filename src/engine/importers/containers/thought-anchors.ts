import type { Json } from '#shared/domain/trace.ts'
import type { ContainerItem, InputFile, Place } from '../types.ts'
import { RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { parseRecord, reject, tooLarge } from './parse-record.ts'

/**
 * Reads a thought-anchors problem folder as one record `{ folder, base_solution, problem, chunks_labeled }`.
 * The record stands in several files, so it has a row and no line or offset.
 *
 * @throws CairnError `input_unreadable`
 */
export async function* readThoughtAnchors(file: InputFile, options: ReadOptions = {}): Batches {
  if (options.start && options.start.row > 0) return
  const at: Place = { line: null, row: 0, offset: null }
  const fields: [string, Json][] = [['folder', file.name]]
  let before = 0
  for (const [role, part] of Object.entries(file.parts ?? {})) {
    const bytes = await readWhole(part, options.recordLimit ?? RECORD_LIMIT)
    const item: ContainerItem = Buffer.isBuffer(bytes)
      ? parseRecord(bytes, at, { torn: true })
      : tooLarge(bytes.length, options.recordLimit ?? RECORD_LIMIT, at, bytes.head)
    if ('reject' in item) {
      yield [reject(item.reject.code, `${part.name}: ${item.reject.message}`, at, item.reject.raw)]
      return
    }
    fields.push([role, item.record.value])
    before += part.size
    options.onRead?.(before)
  }
  yield [{ record: { value: Object.fromEntries(fields), at, raw: null } }]
}

/** A file's bytes, or how long it is when that is above the limit. */
export async function readWhole(
  file: Pick<InputFile, 'open'>,
  limit: number,
): Promise<Buffer | { length: number; head: Uint8Array }> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of file.open()) {
    length += chunk.length
    if (length <= limit || parts.length === 0) parts.push(chunk)
  }
  return length <= limit ? Buffer.concat(parts) : { length, head: Buffer.concat(parts) }
}
