import { createReadStream, rmSync, statSync } from 'node:fs'
import { openContainer } from '../importers/containers/index.ts'
import { readHead } from '../importers/input/disk.ts'
import { diskFile } from '../importers/input/files.ts'
import { detectMagic, MAGIC_BYTES } from '../importers/input/magic.ts'
import { spool } from '../importers/input/spool.ts'
import type { ContainerItem } from '../importers/types.ts'

/**
 * The rows of a label file, and what cannot be read as one: Parquet, or JSON lines, which may be gzip- or
 * zstd-compressed. A pipe, which can be read only once, is copied to `tempDir` meanwhile.
 * @throws CairnError `input_unreadable`, `disk_full`
 */
export async function* labelItems(path: string, tempDir: string): AsyncGenerator<ContainerItem> {
  const facts = statSync(path, { throwIfNoEntry: false })
  const copied = facts !== undefined && !facts.isFile() && !facts.isDirectory()
  const disk = copied ? await spool(createReadStream(path), tempDir, path) : path
  try {
    const size = (copied ? statSync(disk) : facts)?.size ?? 0
    const at = { name: path, disk, path, size }
    const magic = detectMagic(await readHead(diskFile({ ...at, compression: 'none' }).open(), MAGIC_BYTES))
    const compression = magic === 'gzip' || magic === 'zstd' ? magic : 'none'
    // A row alone is no document: what it holds in its annotations is not taken for rows.
    const container = magic === 'parquet' ? 'parquet' : 'jsonl'
    const { batches } = await openContainer(diskFile({ ...at, compression }), { container })
    for await (const batch of batches) yield* batch
  } finally {
    if (copied) rmSync(disk, { force: true })
  }
}
