import { CairnError } from '#shared/errors.ts'
import { naturalOrder } from '../input/natural.ts'
import { listZip, readZipMember, type ZipMember } from '../input/zip.ts'
import type { Skipped } from '../input/skip.ts'
import type { ContainerItem, InputFile, Place } from '../types.ts'
import { DOCUMENT_ROW, RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { parseRecord, reject, tooLarge } from './parse-record.ts'
import { readWhole } from './thought-anchors.ts'

/** Header files by preference: the journal's is all that a run still going (or killed) has written. */
const HEADERS = ['header.json', '_journal/start.json']

/**
 * Reads an Inspect `.eval` log: its header as `{ $document: header }`, then every sample in natural order
 * of file name. Samples may be stored, deflated or compressed with zstd. A sample that cannot be read is
 * rejected under its name and costs only itself. Samples have a row and no line or offset.
 *
 * @throws CairnError `input_unreadable` when the archive's directory is damaged
 */
export async function* readInspectEval(file: InputFile, options: ReadOptions = {}): Batches {
  const path = file.seekable
  if (path === undefined) {
    throw new CairnError('input_unreadable', `${file.name} must lie on disk to be read as an Inspect log.`, {
      name: file.name,
    })
  }
  const limit = options.recordLimit ?? RECORD_LIMIT
  const refused: Skipped[] = []
  const members = await listZip(path, refused)
  const header = HEADERS.map((name) => members.find((member) => member.name === name)).find((found) => found)
  if (header) {
    const item = await readMember(path, header, { line: null, row: DOCUMENT_ROW, offset: null }, limit)
    yield ['record' in item ? { record: { ...item.record, value: { $document: item.record.value } } } : item]
  }
  const samples = members.filter(({ name }) => isSample(name)).sort((a, b) => naturalOrder(a.name, b.name))
  let row = 0
  let read = 0
  for (const sample of samples) {
    const at = { line: null, row: row++, offset: null }
    if (options.start && at.row < options.start.row) continue
    yield [await readMember(path, sample, at, limit)]
    read += sample.size
    options.onRead?.(read)
  }
  for (const { name, reason } of refused.filter(({ name }) => isSample(name.slice(path.length + 1)))) {
    const message = `Sample ${name.slice(path.length + 1)}: ${reason}.`
    yield [reject('invalid_record', message, { line: null, row: row++, offset: null }, new Uint8Array(0))]
  }
}

const isSample = (name: string): boolean => /^samples\/.+\.json$/.test(name)

async function readMember(path: string, member: ZipMember, at: Place, limit: number): Promise<ContainerItem> {
  try {
    const bytes = await readWhole({ open: () => readZipMember(path, member) }, limit)
    if (!Buffer.isBuffer(bytes)) return tooLarge(bytes.length, limit, at, bytes.head)
    const item = parseRecord(bytes, at, { torn: true })
    if ('record' in item) return item
    return reject(item.reject.code, `${member.name}: ${item.reject.message}`, at, item.reject.raw)
  } catch (thrown) {
    if (!(thrown instanceof CairnError)) throw thrown
    return reject('invalid_record', thrown.message, at, new Uint8Array(0))
  }
}
