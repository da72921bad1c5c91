import { statSync } from 'node:fs'
import { join } from 'node:path'
import { diskFile } from '#engine/importers/input/files.ts'
import type { ContainerItem, InputFile, RawRecord, Reject } from '#engine/importers/types.ts'
import { SHARED_DATA } from '#tests/unit/shared-data.ts'

/** A file of given bytes, streamed in chunks of the given sizes (repeated), or all at once. */
export function memoryFile(
  content: string | Uint8Array,
  chunkSizes: readonly number[] = [],
  name = 'memory',
): InputFile {
  const bytes = Buffer.from(content)
  return {
    name,
    path: null,
    size: bytes.length,
    compression: 'none',
    async *open({ offset = 0 } = {}) {
      let position = offset
      for (let turn = 0; position < bytes.length; turn++) {
        const size = chunkSizes[turn % Math.max(1, chunkSizes.length)] ?? bytes.length
        // A copy: readers may keep views, and must not be helped by neighbouring bytes.
        yield Buffer.from(bytes.subarray(position, position + size))
        position += size
      }
    },
  }
}

export function realFile(path: string): InputFile {
  const disk = join(SHARED_DATA, path)
  return diskFile({ name: path, disk, path: disk, size: statSync(disk).size, compression: 'none' })
}

export interface Collected {
  records: RawRecord[]
  /** Items that describe the file. */
  documents: RawRecord[]
  rejects: Reject[]
  error: unknown
}

/** Everything a reader gives, with the error it ends in, if any. */
export async function collect(batches: AsyncIterable<readonly ContainerItem[]>): Promise<Collected> {
  const all: Collected = { records: [], documents: [], rejects: [], error: null }
  try {
    for await (const batch of batches) {
      for (const item of batch) {
        if ('reject' in item) all.rejects.push(item.reject)
        else if (item.record.at.row < 0) all.documents.push(item.record)
        else all.records.push(item.record)
      }
    }
  } catch (thrown) {
    all.error = thrown
  }
  return all
}

export const values = (collected: Collected): unknown[] => collected.records.map((record) => record.value)
