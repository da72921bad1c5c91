import { isUtf8 } from 'node:buffer'
import { open, type FileHandle } from 'node:fs/promises'
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { CairnError } from '#shared/errors.ts'
import type { ContainerItem, InputFile } from '../types.ts'
import { BATCH_ITEMS, type Batches, type ReadOptions } from './options.ts'
import { reject } from './parse-record.ts'
import { toJson } from './plain-json.ts'

/**
 * Reads a Parquet file row group by row group (memory is one decoded row group). Values become plain
 * JSON: see `toJson`. A row group that cannot be decoded is one reject that counts all its rows; the
 * others are still read. Rows have a row number and no line or offset.
 *
 * @throws CairnError `input_unreadable` when the file is no Parquet file or its footer is damaged
 */
export async function* readParquet(file: InputFile, options: ReadOptions = {}): Batches {
  if (file.seekable === undefined) {
    throw new CairnError('input_unreadable', `${file.name} must lie on disk to be read as Parquet.`, {
      name: file.name,
    })
  }
  const handle = await open(file.seekable, 'r')
  try {
    const buffer = bufferOf(handle, (await handle.stat()).size)
    const metadata = await footerOf(buffer, file.name)
    let first = 0
    for (const group of metadata.row_groups) {
      const end = first + Number(group.num_rows)
      const from = Math.max(first, options.start?.row ?? 0)
      if (from < end) yield* readGroup(buffer, metadata, from, end)
      first = end
      options.onRead?.(Math.round((file.size * end) / Math.max(1, Number(metadata.num_rows))))
    }
  } finally {
    await handle.close()
  }
}

async function* readGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Batches {
  let rows: Record<string, unknown>[]
  try {
    rows = await parquetReadObjects({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors,
      parsers,
      utf8: false,
      geoparquet: false,
    })
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    const message = `Rows ${rowStart} to ${rowEnd - 1} cannot be decoded: ${reason}.`
    const at = { line: null, row: rowStart, offset: null }
    yield [reject('invalid_parquet', message, at, new Uint8Array(0), rowEnd - rowStart)]
    return
  }
  for (let begin = 0; begin < rows.length; begin += BATCH_ITEMS) {
    yield rows.slice(begin, begin + BATCH_ITEMS).map((row, index): ContainerItem => {
      const at = { line: null, row: rowStart + begin + index, offset: null }
      return { record: { value: toJson(row), at, raw: null } }
    })
  }
}

const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : textOrBytes(bytes))

function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  return isUtf8(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    : bytes
}

/** Text stays exact (a byte order mark included), and JSON columns that hold no JSON stay text. */
const parsers = {
  stringFromBytes: text,
  jsonFromBytes(bytes: Uint8Array): unknown {
    const source = text(bytes)
    if (typeof source !== 'string') return source
    try {
      return JSON.parse(source)
    } catch {
      return source
    }
  },
}

async function footerOf(buffer: AsyncBuffer, name: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(buffer, { geoparquet: false })
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new CairnError(
      'input_unreadable',
      `${name} is not a complete Parquet file (${reason}). Its index stands at the end, so nothing of a cut file can be read; copy or download it again.`,
      { name },
      { cause: thrown },
    )
  }
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.buffer
    },
  }
}
