import { randomUUID } from 'node:crypto'
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CairnError } from '#shared/errors.ts'
import { listZip, readZipMember } from '../importers/input/zip.ts'
import { fetchArchive, type Told } from './cuda-feed.ts'
import { cudaParts, damagedOf, librariesIn, type CudaParts } from './cuda-parts.ts'

interface Installing {
  /** Hears how far the download is. */
  tell?: Told
  signal?: AbortSignal
}

/**
 * Adds the CUDA provider: from a folder that holds its files, else from the feed that onnxruntime's own installer takes
 * it from. All of it is there afterwards, or nothing has changed; a library that a process has mapped stays whole for it.
 * @returns files that were added; none when all were there and load
 * @throws CairnError `inference_failed` saying what can be done where it cannot be fetched, or where what is in the folder
 *   cannot be read or is no library that loads; `disk_full`, `output_unwritable`, `cancelled`
 */
export async function installCuda(
  from: string | null,
  { tell = () => undefined, signal = new AbortController().signal }: Installing = {},
  parts: CudaParts = cudaParts(),
): Promise<string[]> {
  const { possible, installed, folder, files, missing } = parts
  if (!possible)
    throw refused(
      `This version of onnxruntime has no CUDA provider for ${process.platform} on ${process.arch}; Linux on x64 has one. Classification runs on the CPU.`,
    )
  const libraries = folder === installed.folder ? [] : librariesIn(installed.folder)
  const all = [...libraries, ...files]
  const whole = async () => (await damagedOf(all.map((file) => join(folder, file)))) === null
  if (from === null && missing.length === 0 && (await whole())) return []

  const own = randomUUID()
  const beside = (file: string) => join(folder, `.${file}.${own}.part`)
  const archive = beside('archive')
  try {
    mkdirSync(folder, { recursive: true })
    removeAbandoned(folder)
  } catch (thrown) {
    throw typed(thrown, folder)
  }
  try {
    if (from === null) await unpackFetched(parts, archive, beside, tell, signal)
    else copyGiven(from, files, beside)
    const damaged = await damagedOf(files.map(beside))
    if (damaged !== null) {
      const file = files.find((name) => beside(name) === damaged.file)!
      throw refused(`${file} is no library that loads in ${folder} (${damaged.why}). Nothing was changed.`)
    }
    for (const file of libraries) copyFileSync(join(installed.folder, file), beside(file))
    signal.throwIfAborted()
    // The provider at last: what is incomplete is not used.
    for (const file of all) renameSync(beside(file), join(folder, file))
  } catch (thrown) {
    if (signal.aborted) throw new CairnError('cancelled', 'Stopped. Nothing was changed.')
    throw typed(thrown, folder)
  } finally {
    for (const file of [archive, ...all.map(beside)]) rmSync(file, { force: true })
  }
  return files
}

const refused = (message: string): CairnError => new CairnError('inference_failed', message)

const DAY_MS = 86_400_000

/** What processes that were killed have left. */
function removeAbandoned(folder: string): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file)
    if (file.endsWith('.part') && Date.now() - statSync(path).mtimeMs > DAY_MS) rmSync(path)
  }
}

function copyGiven(from: string, files: readonly string[], beside: (file: string) => string): void {
  const usable = (file: string) => existsSync(join(from, file)) && statSync(join(from, file)).isFile()
  const absent = files.filter((file) => !usable(file))
  if (absent.length > 0) throw refused(`${from} does not hold ${absent.join(' and ')}. Nothing was changed.`)
  for (const file of files)
    try {
      copyFileSync(join(from, file), beside(file))
    } catch (thrown) {
      const { code, message } = thrown as { code?: unknown; message: string }
      if (code !== 'EACCES' || existsSync(beside(file))) throw thrown
      throw refused(`${join(from, file)} cannot be read: ${message}. Nothing was changed.`)
    }
}

async function unpackFetched(
  { archive, files, folder }: CudaParts,
  into: string,
  beside: (file: string) => string,
  tell: Told,
  signal: AbortSignal,
): Promise<void> {
  const cannot = (why: string) =>
    refused(
      [
        `The CUDA provider could not be fetched: ${why}. Everything goes on running on the CPU.`,
        'Behind a proxy, start Cairn with NODE_USE_ENV_PROXY=1 beside HTTPS_PROXY.',
        `Where this machine has no way to it: add it on one that has, bring ${files.join(' and ')} of its folder ${folder} here, and add them from the folder that you put them in (in the Models view, or with "cairn setup-cuda --from FOLDER").`,
      ].join('\n'),
    )
  if (archive === null) throw cannot('this version of onnxruntime does not say where it lies')
  try {
    await fetchArchive(archive, into, tell, signal)
    const members = new Map((await listZip(into, [])).map((member) => [member.name, member]))
    for (const file of files) {
      const member = members.get(archive.paths[file]!)
      if (member === undefined) throw new Error(`${file} is not in what was fetched`)
      await pipeline(readZipMember(into, member), createWriteStream(beside(file)), { signal })
    }
  } catch (thrown) {
    if (signal.aborted || isOfSystem(thrown)) throw thrown
    const damaged = thrown instanceof CairnError && thrown.code === 'input_unreadable'
    throw cannot(damaged ? 'what was fetched is damaged' : (thrown as Error).message)
  }
}

const isOfSystem = (thrown: unknown): boolean =>
  typeof (thrown as { syscall?: unknown }).syscall === 'string' &&
  typeof (thrown as { code?: unknown }).code === 'string'

/** What the system refused, as what a person can act on. */
function typed(thrown: unknown, folder: string): unknown {
  if (!isOfSystem(thrown)) return thrown
  const { code, message } = thrown as { code: string; message: string }
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new CairnError(
    full ? 'disk_full' : 'output_unwritable',
    full
      ? `There is no room in ${folder} for the CUDA provider. Nothing was changed.`
      : `${folder} cannot be written: ${message}. Nothing was changed.`,
    { folder },
  )
}
