import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CairnError } from '#shared/errors.ts'
import { cudaParts, linkedLibraries, packageRoot, type CudaParts } from './cuda-parts.ts'

/**
 * Adds the CUDA provider: from a folder that holds its files, else as onnxruntime's own installer fetches it.
 * @param tell hears what the installer says
 * @returns files that were added; none when all were there
 * @throws CairnError `inference_failed` saying what can be done where it cannot be fetched, or where what is there, or in
 *   the folder, is no library that loads
 */
export async function installCuda(
  from: string | null,
  tell: (line: string) => void,
  parts: CudaParts = cudaParts(),
): Promise<string[]> {
  const { possible, folder, files, missing } = parts
  if (!possible)
    throw new CairnError(
      'inference_failed',
      `This version of onnxruntime has no CUDA provider for ${process.platform} on ${process.arch}; Linux on x64 has one. Classification runs on the CPU.`,
    )
  if (from !== null) return copyFrom(from, parts)
  if (missing.length === 0) {
    const [damaged] = await damagedOf(folder, files)
    if (damaged === undefined) return []
    throw new CairnError(
      'inference_failed',
      `${join(folder, damaged.file)} is there, but does not load (${damaged.why}). Replace it by the one in a folder: cairn setup-cuda --from THAT_FOLDER`,
      { folder },
    )
  }
  const code = await runInstaller(tell)
  const still = cudaParts().missing
  if (still.length > 0)
    throw new CairnError(
      'inference_failed',
      [
        `The CUDA provider could not be fetched${code === 0 ? '' : `: onnxruntime’s installer ended with code ${code}`}. Everything goes on running on the CPU.`,
        `Where this machine has no way to that feed, run the same command on one that has, with the same version of Cairn, and copy ${still.join(' and ')} from`,
        `  ${folder}`,
        'there into a folder here; then: cairn setup-cuda --from THAT_FOLDER',
      ].join('\n'),
      { folder },
    )
  return missing
}

/** Files that the system's loader says are no libraries. */
async function damagedOf(folder: string, files: readonly string[]): Promise<{ file: string; why: string }[]> {
  const found = await Promise.all(
    files.map(async (file) => ({ file, linked: await linkedLibraries(join(folder, file)) })),
  )
  return found.flatMap(({ file, linked }) => (linked.state === 'damaged' ? [{ file, why: linked.why }] : []))
}

/** All of them or none; a library that a process has mapped stays whole for it. */
async function copyFrom(from: string, { folder, files }: CudaParts): Promise<string[]> {
  const refuse = (why: string) => new CairnError('inference_failed', `${why} Nothing was copied.`)
  const absent = files.filter((file) => !existsSync(join(from, file)))
  if (absent.length > 0) throw refuse(`${from} does not hold ${absent.join(' and ')}.`)
  const [damaged] = await damagedOf(from, files)
  if (damaged !== undefined)
    throw refuse(`${join(from, damaged.file)} is no library that loads here (${damaged.why}).`)
  const beside = (file: string) => join(folder, `.${file}.part`)
  try {
    for (const file of files) copyFileSync(join(from, file), beside(file))
    for (const file of files) renameSync(beside(file), join(folder, file))
  } finally {
    for (const file of files) rmSync(beside(file), { force: true })
  }
  return files
}

/** Lines of it that are meant for people: not those of a stack. */
const TOLD = /^(?!node:|Node\.js)[A-Za-z]/

/** onnxruntime's own script, told to do what installing the project told it to leave. */
function runInstaller(tell: (line: string) => void): Promise<number> {
  return new Promise((done) => {
    const { npm_config_local_prefix: _, ...env } = process.env
    const child = spawn(process.execPath, [join(packageRoot(), 'script/install.js')], {
      env: { ...env, ONNXRUNTIME_NODE_INSTALL: 'true', ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        for (const line of text.split('\n')) if (TOLD.test(line)) tell(line.trimEnd())
      })
    child.on('error', () => done(1))
    child.on('exit', (code) => done(code ?? 1))
  })
}
