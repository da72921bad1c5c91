import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { append } from '#shared/domain/append.ts'
import { CairnError } from '#shared/errors.ts'
import type { InputFile } from '../types.ts'
import { readHead } from './disk.ts'
import { diskFile, zipFile } from './files.ts'
import { headOf } from './head.ts'
import { detectMagic, MAGIC_BYTES, type Magic } from './magic.ts'
import { naturalOrder } from './natural.ts'
import { joinProblemFolders } from './problem-folders.ts'
import { skipReason, type Skipped } from './skip.ts'
import { spool } from './spool.ts'
import { reasonOf, unreadable } from './unreadable.ts'
import { walk } from './walk.ts'
import { listZip, type ZipMember } from './zip.ts'

export interface ResolvedInputs {
  /** In the order given; inside directories and archives in natural order. */
  files: InputFile[]
  /** Files seen and left alone. */
  skipped: Skipped[]
}

export interface ResolveOptions {
  /** Folder that relative paths start from; where the process works when not given. */
  base?: string | undefined
  /** Where streams are spooled that must be read twice or at random; the caller deletes it. */
  tempDir: string
  /** Read for the path `-`. */
  stdin?: NodeJS.ReadableStream
}

/** Name given to standard input. */
export const STDIN_NAME = 'standard input'

/** Archives inside archives are opened this deep. */
const MAX_NESTING = 4

/** Where bytes lie on disk and how they are called. */
interface Location {
  name: string
  disk: string
  path: string | null
  depth: number
}

/**
 * Turns what the user named (files, directories, archives, pipes, `-`) into readable files. Wrapping is
 * recognised by content, never by name. A thing the user named that cannot be read is an error; a
 * thing found inside a directory or archive that cannot be read is listed in `skipped`.
 *
 * @throws CairnError `input_unreadable`, `bad_request` (no paths, or `-` without standard input)
 */
export async function resolveInputs(
  paths: readonly string[],
  options: ResolveOptions,
): Promise<ResolvedInputs> {
  if (paths.length === 0)
    throw new CairnError('bad_request', 'Name at least one file or directory to import.')
  const files: InputFile[] = []
  const skipped: Skipped[] = []
  const seen = new Set<string>()
  for (const path of paths) {
    const name = path.replaceAll('\\', '/')
    if (path === '-') {
      const disk = await spoolStdin(options)
      append(files, await resolveDisk({ name: STDIN_NAME, disk, path: null, depth: 0 }, options, skipped))
      continue
    }
    // Things are called as they were named, wherever they lie: names tell runs and checkpoints.
    const disk = resolve(options.base ?? '', path)
    const facts = await stat(disk).catch((thrown: unknown) => {
      throw unreadable(`${path} cannot be opened: ${reasonOf(thrown)}.`, { path }, thrown)
    })
    if (facts.isDirectory()) {
      for (const found of await walk(disk, name, skipped)) {
        if (!(await firstTime(found.path, found.name, seen, skipped))) continue
        const location = { name: found.name, disk: found.path, path: found.path, depth: 0 }
        try {
          append(files, await resolveDisk(location, options, skipped))
        } catch (thrown) {
          if (!(thrown instanceof CairnError) || thrown.code !== 'input_unreadable') throw thrown
          skipped.push({ name: found.name, reason: `cannot be read: ${thrown.message}` })
        }
      }
    } else if (facts.isFile()) {
      if (!(await firstTime(disk, name, seen, skipped))) continue
      append(files, await resolveDisk({ name, disk, path: disk, depth: 0 }, options, skipped))
    } else {
      // A pipe or device (for example a shell's process substitution) can be read only once.
      const copy = await spool(createReadStream(disk), options.tempDir, name)
      append(files, await resolveDisk({ name, disk: copy, path: null, depth: 0 }, options, skipped))
    }
  }
  return { files: joinProblemFolders(files, skipped), skipped }
}

async function spoolStdin({ stdin, tempDir }: ResolveOptions): Promise<string> {
  if (!stdin)
    throw new CairnError('bad_request', 'There is no standard input here; name a file instead of "-".')
  return spool(stdin as AsyncIterable<Uint8Array | string>, tempDir, STDIN_NAME)
}

async function firstTime(
  path: string,
  name: string,
  seen: Set<string>,
  skipped: Skipped[],
): Promise<boolean> {
  const real = await realpath(path)
  if (seen.has(real)) {
    skipped.push({ name, reason: 'already listed' })
    return false
  }
  seen.add(real)
  return true
}

async function resolveDisk(at: Location, options: ResolveOptions, skipped: Skipped[]): Promise<InputFile[]> {
  const { size } = await stat(at.disk)
  const plain = diskFile({ ...at, size, compression: 'none' })
  const magic = detectMagic(await readHead(plain.open(), MAGIC_BYTES))
  refuseUnknown(magic, at.name)
  if (magic === 'zip') return resolveZip(at, options, skipped)
  if (magic !== 'gzip' && magic !== 'zstd') return [plain]
  const packed = diskFile({ ...at, size, compression: magic })
  return unwrap(packed, at, options, skipped)
}

/** What is inside a compressed file needs random access when it is an archive or Parquet: spool it. */
async function unwrap(
  packed: InputFile,
  at: Location,
  options: ResolveOptions,
  skipped: Skipped[],
): Promise<InputFile[]> {
  const inner = await magicOf(packed)
  refuseUnknown(inner, at.name)
  if (inner === null) return [packed]
  if (at.depth >= MAX_NESTING) {
    skipped.push({ name: at.name, reason: `packed more than ${MAX_NESTING} times` })
    return []
  }
  const disk = await spool(packed.open(), options.tempDir, at.name)
  return resolveDisk({ ...at, disk, depth: at.depth + 1 }, options, skipped)
}

/** What a file's first bytes say it is, as far as they can be read. */
const magicOf = async (file: InputFile) => detectMagic((await headOf(file, MAGIC_BYTES)).head)

function refuseUnknown(magic: Magic, name: string): void {
  if (magic === 'tar' || magic === 'bzip2' || magic === 'xz') {
    throw unreadable(`${name} is a ${magic} file, which is not read; unpack it and import what is inside.`, {
      name,
      magic,
    })
  }
}

async function resolveZip(at: Location, options: ResolveOptions, skipped: Skipped[]): Promise<InputFile[]> {
  const refused: Skipped[] = []
  const members = await listZip(at.disk, refused)
  for (const { name, reason } of refused)
    skipped.push({ name: `${at.name}${name.slice(at.disk.length)}`, reason })
  if (isInspectLog(members)) {
    const { size } = await stat(at.disk)
    return [{ ...diskFile({ ...at, size, compression: 'none' }), container: 'inspect_eval' }]
  }
  const files: InputFile[] = []
  for (const member of members.sort((a, b) => naturalOrder(a.name, b.name))) {
    const name = `${at.name}!${member.name}`
    const reason = skipReason(member.name)
    if (reason !== null) {
      skipped.push({ name, reason })
      continue
    }
    try {
      append(files, await resolveMember({ ...at, name }, member, options, skipped))
    } catch (thrown) {
      if (!(thrown instanceof CairnError) || thrown.code !== 'input_unreadable') throw thrown
      skipped.push({ name, reason: `cannot be read: ${thrown.message}` })
    }
  }
  return files
}

async function resolveMember(
  at: Location,
  member: ZipMember,
  options: ResolveOptions,
  skipped: Skipped[],
): Promise<InputFile[]> {
  const plain = zipFile({ name: at.name, archive: at.disk, member, path: at.path, compression: 'none' })
  const magic = await magicOf(plain)
  refuseUnknown(magic, at.name)
  if (magic === null) return [plain]
  if (magic === 'gzip' || magic === 'zstd') {
    const packed = zipFile({ name: at.name, archive: at.disk, member, path: at.path, compression: magic })
    return unwrap(packed, at, options, skipped)
  }
  return unwrap(plain, at, options, skipped)
}

/** Inspect writes header.json when a run ends; before that only the journal says what it is. */
function isInspectLog(members: readonly ZipMember[]): boolean {
  const names = members.map((member) => member.name)
  const header = names.includes('header.json') || names.includes('_journal/start.json')
  return header && (names.includes('header.json') ? names.some(isInspectPart) : names.some(isSample))
}

const isSample = (name: string): boolean => /^samples\/.+\.json$/.test(name)
const isInspectPart = (name: string): boolean => isSample(name) || name === '_journal/start.json'
