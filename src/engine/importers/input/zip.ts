import { crc32 } from 'node:zlib'
import { getFileNameLowLevel, openPromise, validateFileName } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import { decompress } from './decompress.ts'
import type { Skipped } from './skip.ts'
import { reasonOf, unreadable } from './unreadable.ts'

/** A readable member of a zip archive. */
export interface ZipMember {
  /** Forward slashes; never absolute, never with `..`. */
  name: string
  /** Compressed bytes. */
  size: number
  /** Decompressed bytes as the archive states them. */
  length: number
  entry: Entry
}

const METHODS: Readonly<Record<number, 'stored' | 'deflate' | 'zstd'>> = {
  0: 'stored',
  8: 'deflate',
  // 93 is zstd (APPNOTE 6.3.8); 20 was its number for some weeks in 2020.
  93: 'zstd',
  20: 'zstd',
}

/**
 * Lists an archive's members. Nothing is unpacked to a path made from a member's name, so a hostile
 * name can do no harm; such members are still left out, with their reason. Of members with one name
 * the last wins, as archives that are appended to intend.
 *
 * @throws CairnError `input_unreadable` when the archive's directory is damaged or missing
 */
export async function listZip(path: string, skipped: Skipped[]): Promise<ZipMember[]> {
  const members = new Map<string, ZipMember>()
  try {
    // Names are decoded here: yauzl would give up the whole archive over one bad name.
    const zip = await openPromise(path, { decodeStrings: false })
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(
        entry.generalPurposeBitFlag,
        entry.fileNameRaw,
        entry.extraFields,
        false,
      )
      if (name.endsWith('/')) continue
      const reason = refuse(name, entry)
      if (reason === null) {
        members.set(name, { name, size: entry.compressedSize, length: entry.uncompressedSize, entry })
      } else skipped.push({ name: `${path}!${name}`, reason })
    }
  } catch (thrown) {
    throw unreadable(
      `${path} is not a complete zip archive: ${reasonOf(thrown)} Copy or download it again.`,
      { path },
      thrown,
    )
  }
  return [...members.values()]
}

function refuse(name: string, entry: Entry): string | null {
  const invalid = validateFileName(name)
  if (invalid !== null) return `its name points outside the archive (${invalid})`
  if (entry.isEncrypted()) return 'encrypted; unpack the archive with its password first'
  if (METHODS[entry.compressionMethod] === undefined) {
    return `compressed by a method that cannot be read (zip method ${entry.compressionMethod})`
  }
  return null
}

/**
 * A member's decompressed bytes, checked against the archive's length and CRC-32 at the end.
 *
 * @throws CairnError `input_unreadable`
 */
export async function* readZipMember(
  path: string,
  member: ZipMember,
  onRead?: (bytesOnDisk: number) => void,
): AsyncGenerator<Uint8Array> {
  const { entry } = member
  const name = `${path}!${member.name}`
  let zip: ZipFile | null = null
  let length = 0
  let sum = 0
  try {
    zip = await openPromise(path, { autoClose: false, decodeStrings: false }).catch((thrown: unknown) => {
      throw unreadable(`${path} cannot be opened: ${reasonOf(thrown)}.`, { path }, thrown)
    })
    const raw = await zip.openReadStreamPromise(entry, { decodeFileData: false }).catch((thrown: unknown) => {
      throw unreadable(`${name} cannot be read: ${reasonOf(thrown)}.`, { name }, thrown)
    })
    const counted = count(raw, name, onRead)
    const method = METHODS[entry.compressionMethod]
    const bytes = method === 'deflate' || method === 'zstd' ? decompress(counted, method, name) : counted
    for await (const chunk of bytes) {
      length += chunk.length
      sum = crc32(chunk, sum)
      yield chunk
    }
  } finally {
    zip?.close()
  }
  if (length !== entry.uncompressedSize || sum !== entry.crc32) {
    throw unreadable(`${name} is damaged: its checksum does not match. Copy or download the archive again.`, {
      name,
      offset: length,
    })
  }
}

async function* count(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  onRead?: (bytesOnDisk: number) => void,
): AsyncGenerator<Uint8Array> {
  let read = 0
  try {
    for await (const chunk of chunks) {
      read += chunk.length
      onRead?.(read)
      yield chunk
    }
  } catch (thrown) {
    throw unreadable(`${name} cannot be read on: ${reasonOf(thrown)}.`, { name }, thrown)
  }
}
