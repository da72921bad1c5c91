import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { CairnError } from '#shared/errors.ts'
import { unreadable } from './unreadable.ts'

/**
 * Writes a stream to a fresh file in `tempDir` and returns its path. Whoever owns `tempDir` deletes it.
 *
 * @throws CairnError `disk_full`, `input_unreadable`
 */
export async function spool(
  bytes: AsyncIterable<Uint8Array | string>,
  tempDir: string,
  name: string,
): Promise<string> {
  const path = join(tempDir, `input-${randomUUID()}`)
  try {
    await mkdir(tempDir, { recursive: true })
    await pipeline(bytes, createWriteStream(path, { flags: 'wx' }))
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ENOSPC') {
      throw new CairnError('disk_full', `There is no room in ${tempDir} to hold ${name}; free some space.`, {
        tempDir,
      })
    }
    if (thrown instanceof CairnError) throw thrown
    throw unreadable(`${name} cannot be copied to ${tempDir}.`, { name, tempDir }, thrown)
  }
  return path
}
