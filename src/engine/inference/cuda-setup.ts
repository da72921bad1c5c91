import { copyFileSync, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CairnError } from '#shared/errors.ts'
import { listZip, readZipMember } from '../importers/input/zip.ts'
import { fetchArchive, type Told } from './cuda-feed.ts'
import { cudaParts, librariesIn, linkedLibraries, type CudaParts } from './cuda-parts.ts'

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
 *   is no library that loads; `disk_full`, `output_unwritable`, `cancelled`
 */
export async function installCuda(
  from: string | null,
  { tell = () => undefined, signal = new AbortController().signal }: Installing = {},
  parts: CudaParts = cudaParts(),
): Promise<string[]> {
  const { possible, installed, folder, files, missing } = parts
  if (!possible)
    throw failed(
      `This version of onnxruntime has no CUDA provider for ${process.platform} on ${process.arch}; Linux on x64 has one. Classification runs on the CPU.`,
    )
  if (
    from === null &&
    missing.length === 0 &&
    (await damagedOf(files, (file) => join(folder, file))) === null
  )
    return []
  const beside = (file: string) => join(folder, `.${file}.${process.pid}.part`)
  const archive = beside('archive')
  const libraries = folder === installed.folder ? [] : librariesIn(installed.folder)
  try {
    mkdirSync(folder, { recursive: true })
  } catch (thrown) {
    throw typed(thrown, folder)
  }
  try {
    if (from === null) await unpackFetched(parts, archive, beside, tell, signal)
    else copyGiven(from, files, beside)
    const damaged = await damagedOf(files, beside)
    if (damaged !== null)
      throw failed(
        `${from === null ? damaged.file : join(from, damaged.file)} is no library that loads here (${damaged.why}). Nothing was changed.`,
      )
    for (const file of libraries) copyFileSync(join(installed.folder, file), beside(file))
    signal.throwIfAborted()
    // The provider at last: what is incomplete is not used.
    for (const file of [...libraries, ...files]) renameSync(beside(file), join(folder, file))
  } catch (thrown) {
    if (signal.aborted) throw new CairnError('cancelled', 'Stopped. Nothing was changed.')
    throw typed(thrown, folder)
  } finally {
    for (const file of [archive, ...[...libraries, ...files].map(beside)]) rmSync(file, { force: true })
  }
  return files
}

const failed = (message: string): CairnError => new CairnError('inference_failed', message)

/** The first of the files that the system's loader says is no library; null where there is none. */
async function damagedOf(
  files: readonly string[],
  place: (file: string) => string,
): Promise<{ file: string; why: string } | null> {
  for (const file of files) {
    const linked = await linkedLibraries(place(file))
    if (linked.state === 'damaged') return { file, why: linked.why }
  }
  return null
}

function copyGiven(from: string, files: readonly string[], beside: (file: string) => string): void {
  const absent = files.filter((file) => !existsSync(join(from, file)))
  if (absent.length > 0) throw failed(`${from} does not hold ${absent.join(' and ')}. Nothing was changed.`)
  for (const file of files) copyFileSync(join(from, file), beside(file))
}

async function unpackFetched(
  { archive, files, folder }: CudaParts,
  into: string,
  beside: (file: string) => string,
  tell: Told,
  signal: AbortSignal,
): Promise<void> {
  const cannot = (why: string) =>
    failed(
      [
        `The CUDA provider could not be fetched: ${why}. Everything goes on running on the CPU.`,
        `Where this machine has no way to it: add it on one that has, bring ${files.join(' and ')} of its folder ${folder} here, and add them from the folder that you put them in (in the Models view, or with "cairn setup-cuda --from FOLDER").`,
      ].join('\n'),
    )
  if (archive === null) throw cannot('this version of onnxruntime does not say where it lies')
  await fetchArchive(archive, into, tell, signal).catch((thrown: unknown) => {
    if (signal.aborted || isOfSystem(thrown)) throw thrown
    throw cannot((thrown as Error).message)
  })
  const members = new Map((await listZip(into, [])).map((member) => [member.name, member]))
  for (const file of files) {
    const member = members.get(archive.paths[file]!)
    if (member === undefined) throw cannot(`${file} is not in what was fetched`)
    await pipeline(readZipMember(into, member), createWriteStream(beside(file)), { signal })
  }
}

const isOfSystem = (thrown: unknown): boolean =>
  typeof (thrown as { syscall?: unknown }).syscall === 'string' &&
  typeof (thrown as { code?: unknown }).code === 'string'

/** What the system refused, as what a person can act on. */
function typed(thrown: unknown, folder: string): unknown {
  if (!isOfSystem(thrown)) return thrown
  const { code, message } = thrown as { code: string; message: string }
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new CairnError(
        'disk_full',
        `There is no room in ${folder} for the CUDA provider. Nothing was changed.`,
        { folder },
      )
    : new CairnError('output_unwritable', `${folder} cannot be written: ${message}. Nothing was changed.`, {
        folder,
      })
}
