import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CairnError } from '#shared/errors.ts'
import { createAtomicFile } from '../atomic.ts'

/** A file of a finished folder. */
export interface WrittenFile {
  /** Path in the folder, with forward slashes. */
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

/** A file being written; `close` answers what it came to. */
export interface FolderFile {
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<WrittenFile>
}

/** A folder that appears at its path whole or not at all. */
export interface AtomicFolder {
  open(path: string): Promise<FolderFile>
  /** Writes a small file at once. */
  put(path: string, text: string): Promise<WrittenFile>
  commit(): Promise<void>
  /** Removes what was written. Never throws; after `commit` it does nothing. */
  abort(): Promise<void>
}

/** What marks a folder as one that Cairn wrote, and may replace. */
export const MANIFEST_FILE = 'manifest.json'

/**
 * Starts a folder beside its final place; only a data set of Cairn's is ever replaced, and only with `overwrite`.
 * @throws CairnError `output_exists`, `output_unwritable`, `disk_full`; the methods too
 */
export async function createAtomicFolder(
  path: string,
  { overwrite }: { overwrite: boolean },
): Promise<AtomicFolder> {
  const target = resolve(path)
  await refuseStrangers(target, overwrite)
  const parts = join(dirname(target), `.cairn-${basename(target)}-${randomBytes(6).toString('hex')}.part`)
  const made = new Set<string>()
  let done = false
  const folderFor = async (file: string): Promise<void> => {
    const folder = dirname(file)
    if (made.has(folder)) return
    await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw new CairnError(
        'output_unwritable',
        `${path} cannot be written: ${(cause as Error).message}`,
        { path },
        { cause },
      )
    })
    made.add(folder)
  }
  const open = async (name: string): Promise<FolderFile> => {
    const full = join(parts, name)
    await folderFor(full)
    const file = await createAtomicFile(full, { overwrite: false })
    return {
      write: (bytes) => file.write(bytes),
      async close() {
        const written = await file.close()
        await file.commit()
        return { path: name, ...written }
      },
    }
  }
  return {
    open,
    async put(name, text) {
      const file = await open(name)
      await file.write(Buffer.from(text, 'utf8'))
      return file.close()
    },
    async commit() {
      // What stands there now, which may have come since the start.
      await refuseStrangers(target, overwrite)
      const old = `${parts}.old`
      const replaces = existsSync(target)
      if (replaces) await rename(target, old)
      try {
        await rename(parts, target)
      } catch (cause) {
        if (replaces) await rename(old, target)
        throw cause
      }
      done = true
      await rm(old, { recursive: true, force: true })
    },
    async abort() {
      if (!done) await rm(parts, { recursive: true, force: true }).catch(() => undefined)
    },
  }
}

async function refuseStrangers(target: string, overwrite: boolean): Promise<void> {
  const there = await lstat(target).catch(() => null)
  if (there === null) return
  if (!there.isDirectory())
    throw new CairnError('output_unwritable', `${target} is a file; give the name of a folder.`, {
      path: target,
    })
  if ((await readdir(target)).length === 0) return
  if (!isDataset(target))
    throw new CairnError(
      'output_exists',
      `${target} holds files that are not Cairn's; choose an empty or a new folder. Nothing was written.`,
      { path: target },
    )
  if (!overwrite)
    throw new CairnError(
      'output_exists',
      `${target} holds a data set already; choose another folder or allow overwriting.`,
      {
        path: target,
      },
    )
}

function isDataset(folder: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8')) as { manifest?: unknown }
    return manifest.manifest === 'cairn.dataset'
  } catch {
    return false
  }
}
