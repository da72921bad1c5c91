import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, open as openFile, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CairnError } from '#shared/errors.ts'

/** What an atomic file needs of an open file; tests put a failing one in its place. */
type WritableFile = Pick<FileHandle, 'writeFile' | 'sync' | 'close'>

/** Opens a file that must not exist yet. */
export type OpenFile = (path: string) => Promise<WritableFile>

/**
 * A file that appears at its path whole or not at all. It is written under a temporary name in the same
 * folder; the order is `write`…, `close`, `commit`. `abort` takes it back at any point before `commit`.
 */
export interface AtomicFile {
  write(bytes: Uint8Array): Promise<void>
  /** Puts the bytes on the disk and tells what they are. */
  close(): Promise<{ sha256: string; bytes: number }>
  /** Gives the file its name. With `overwrite` it replaces what is there; without, it refuses to. */
  commit(): Promise<void>
  /** Removes the temporary file. Never throws; after `commit` it does nothing. */
  abort(): Promise<void>
}

/**
 * Starts an atomic file. A symbolic link at `path` is followed; only a regular file is ever replaced.
 * Every method may throw these errors too.
 *
 * @throws CairnError `output_exists`, `output_unwritable`, `disk_full`
 */
export async function createAtomicFile(
  path: string,
  { overwrite, open = createExclusively }: { overwrite: boolean; open?: OpenFile },
): Promise<AtomicFile> {
  const target = await resolveTarget(path, overwrite)
  const temporary = join(dirname(target), `.cairn-${randomBytes(8).toString('hex')}.part`)
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      throw outputError(path, cause)
    }
  }
  const file = await guarded(() => open(temporary))
  const hash = createHash('sha256')
  let bytes = 0
  let state: 'open' | 'closed' | 'done' = 'open'

  return {
    async write(chunk) {
      await guarded(() => file.writeFile(chunk))
      hash.update(chunk)
      bytes += chunk.length
    },
    async close() {
      await guarded(async () => {
        await file.sync()
        state = 'closed'
        await file.close()
      })
      return { sha256: hash.digest('hex'), bytes }
    },
    async commit() {
      await guarded(() => (overwrite ? rename(temporary, target) : renameToNew(temporary, target)))
      state = 'done'
      await syncFolder(dirname(target))
    },
    async abort() {
      if (state === 'done') return
      if (state === 'open') await file.close().catch(() => undefined)
      state = 'done'
      await rm(temporary, { force: true }).catch(() => undefined)
    },
  }
}

function createExclusively(path: string): Promise<WritableFile> {
  return openFile(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666)
}

/** The path to write, links followed, after checking what stands there. */
async function resolveTarget(path: string, overwrite: boolean): Promise<string> {
  const there = await lstat(path).catch((cause: unknown) => {
    if (errorCode(cause) === 'ENOENT') return null
    throw outputError(path, cause)
  })
  if (there === null) return path
  const target = there.isSymbolicLink() ? await realpath(path).catch(() => null) : path
  const kind = target === null ? null : await stat(target)
  if (target === null || kind === null || !kind.isFile()) {
    const what = kind === null ? 'a broken link' : kind.isDirectory() ? 'a folder' : 'no regular file'
    throw new CairnError('output_unwritable', `${path} is ${what}; give the name of a file`, { path })
  }
  if (!overwrite) throw outputExists(path)
  return target
}

/** Renames without replacing: a hard link fails where the name is taken, even by a file made just now. */
async function renameToNew(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target)
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') throw cause
    // File systems without hard links (exFAT, some network drives) leave a check and then a rename.
    if (await lstat(target).catch(() => null)) throw outputExists(target)
    return rename(temporary, target)
  }
  await rm(temporary, { force: true })
}

/** Makes the new name durable where folders can be synced (not on Windows). */
async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r').catch(() => null)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

function outputExists(path: string): CairnError {
  return new CairnError('output_exists', `${path} exists already; choose another name or allow overwriting`, {
    path,
  })
}

/** A file system's error as the typed error a user meets; other errors pass unchanged. */
function outputError(path: string, cause: unknown): unknown {
  const code = errorCode(cause)
  if (code === null || cause instanceof CairnError) return cause
  if (code === 'EEXIST') return outputExists(path)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `The disk is full: ${path} was not written; free some space or choose another disk`
    return new CairnError('disk_full', message, { path }, { cause })
  }
  return new CairnError(
    'output_unwritable',
    `${path} cannot be written: ${advice(code)}`,
    { path, code },
    { cause },
  )
}

function advice(code: string): string {
  if (code === 'ENOENT') return 'its folder does not exist; create the folder first'
  if (code === 'ENOTDIR') return 'part of its path is a file and no folder'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied; choose a folder you may write to'
  if (code === 'EROFS') return 'the disk is read-only; choose another one'
  if (code === 'ENAMETOOLONG') return 'the name is too long; shorten it'
  return `the system says ${code}`
}

function errorCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('syscall' in thrown || 'errno' in thrown)) return null
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null
}
