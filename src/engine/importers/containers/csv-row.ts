import { append } from '#shared/domain/append.ts'
import { CairnError } from '#shared/errors.ts'
import type { ContainerItem, InputFile, Place } from '../types.ts'
import { detectDelimiter } from './csv-dialect.ts'
import { readCsv } from './csv.ts'
import { reject } from './parse-record.ts'
import { openText } from './text-source.ts'

/** Bytes of a header row that is kept with rejected rows. */
const HEADER_LIMIT = 64 * 1024

const HEADER = /^[\r\n]*((?:[^"\r\n]+|"[^"]*")+)/

/** A table's header row as it stands in the file, as UTF-8; null when it is too long to be kept. */
export async function headerRow(file: InputFile): Promise<Buffer | null> {
  let head = Buffer.alloc(0)
  try {
    for await (const chunk of (await openText(file)).chunks) {
      head = Buffer.concat([head, chunk])
      if (head.length > HEADER_LIMIT) break
    }
  } catch (thrown) {
    // What came through before the break is enough; reading the rows meets the break again.
    if (!(thrown instanceof CairnError)) throw thrown
  }
  const row = HEADER.exec(head.toString('latin1'))?.[1]
  return row === undefined || row.length > HEADER_LIMIT ? null : Buffer.from(row, 'latin1')
}

/**
 * A row that can be read without its file, should it be rejected: its fields, where it has the right ones,
 * else its bytes below the header.
 */
export function standAlone(item: ContainerItem, header: Buffer | null): ContainerItem {
  if ('record' in item) return { record: { ...item.record, raw: null } }
  if (header === null) return item
  return { reject: { ...item.reject, raw: Buffer.concat([header, Buffer.from('\n'), item.reject.raw]) } }
}

/** Reads a row below its header. */
export async function parseRow(bytes: Buffer, at: Place): Promise<ContainerItem> {
  const text = bytes.toString('utf8')
  const header = HEADER.exec(text)?.[1] ?? ''
  const wrong = (message: string): ContainerItem => reject('invalid_csv', message, at, bytes)
  // The header alone says what separates fields: a row that does not fit it would say something else.
  if (detectDelimiter(header, true) !== detectDelimiter(text, true))
    return wrong('The row does not have the fields that the header above it names.')
  const items: ContainerItem[] = []
  for await (const batch of readCsv(inMemory(bytes))) append(items, batch)
  const [item] = items
  if (item === undefined || items.length > 1)
    return wrong(`Expected the header of the table and one row below it, found ${items.length} rows.`)
  return 'record' in item ? { record: { ...item.record, at, raw: bytes } } : wrong(item.reject.message)
}

function inMemory(bytes: Buffer): InputFile {
  return {
    name: 'row',
    path: null,
    size: bytes.length,
    compression: 'none',
    async *open({ offset = 0 } = {}) {
      yield bytes.subarray(offset)
    },
  }
}
