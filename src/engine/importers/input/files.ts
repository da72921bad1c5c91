import type { InputFile } from '../types.ts'
import { decompress } from './decompress.ts'
import { dropBytes, readDisk } from './disk.ts'
import { readZipMember, type ZipMember } from './zip.ts'

type Compression = InputFile['compression']

/** A file on disk. `path` null hides where it lies (spooled standard input). */
export function diskFile(file: {
  name: string
  disk: string
  path: string | null
  size: number
  compression: Compression
}): InputFile {
  const { name, disk, compression } = file
  return {
    name,
    path: file.path,
    size: file.size,
    compression,
    ...(compression === 'none' ? { seekable: disk } : {}),
    open({ offset = 0, onRead } = {}) {
      const progress = onRead ? { onRead } : {}
      if (compression === 'none') return readDisk(disk, { offset, ...progress })
      return skipTo(decompress(readDisk(disk, progress), compression, name), offset)
    },
  }
}

/** A member of an archive, itself perhaps compressed once more (`logs.zip!run.jsonl.gz`). */
export function zipFile(file: {
  name: string
  archive: string
  member: ZipMember
  path: string | null
  compression: Compression
}): InputFile {
  const { name, archive, member, compression } = file
  return {
    name,
    path: file.path,
    size: member.size,
    compression,
    open({ offset = 0, onRead } = {}) {
      const bytes = readZipMember(archive, member, onRead)
      return skipTo(compression === 'none' ? bytes : decompress(bytes, compression, name), offset)
    },
  }
}

function skipTo(bytes: AsyncIterable<Uint8Array>, offset: number): AsyncIterable<Uint8Array> {
  return offset > 0 ? dropBytes(bytes, offset) : bytes
}
