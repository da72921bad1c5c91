import { execFile, spawn } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { CairnError } from '#shared/errors.ts'

/** Libraries of a CUDA installation that the provider is linked against, and what brings them. */
const LIBRARIES: readonly (readonly [file: string, from: string])[] = [
  ['libcudart.so.12', 'CUDA 12'],
  ['libcublas.so.12', 'CUDA 12'],
  ['libcublasLt.so.12', 'CUDA 12'],
  ['libcufft.so.11', 'CUDA 12'],
  ['libcurand.so.10', 'CUDA 12'],
  ['libcudnn.so.9', 'cuDNN 9'],
]

/** What onnxruntime would need to use CUDA here. */
export interface CudaParts {
  /** Whether there is a provider for this system at all. */
  possible: boolean
  /** Where its files belong. */
  folder: string
  /** Files of the provider, and those of them that are not there. */
  files: string[]
  missing: string[]
}

/** Root of the package that brings onnxruntime; a packaged app keeps it outside its archive. */
function packageRoot(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node')
  return resolve(dirname(entry), '..').replace(/\.asar([\\/])/, '.asar.unpacked$1')
}

/** Looks at what the package says of CUDA for this system, and at what of it is installed. */
export function cudaParts(): CudaParts {
  const root = packageRoot()
  const place = `${process.platform}/${process.arch}`
  const folder = join(root, 'bin/napi-v6', place)
  const metadata = createRequire(import.meta.url)(join(root, 'script/install-metadata.js')) as {
    requirements: Record<string, string[]>
    manifests: Record<string, Record<string, unknown>>
  }
  const files = (metadata.requirements[place] ?? [])
    .flatMap((name) => Object.keys(metadata.manifests[`${place}:${name}`] ?? {}))
    .map((file) => file.replace(/^\.\//, ''))
    // Cairn does not use TensorRT.
    .filter((file) => !file.includes('tensorrt'))
  return {
    possible: files.length > 0 || cudaProviderInstalled(),
    folder,
    files,
    missing: files.filter((file) => !existsSync(join(folder, file))),
  }
}

/** onnxruntime shouts on standard error when it looks for a provider in vain, so look first. */
export function cudaProviderInstalled(): boolean {
  const folder = join(packageRoot(), 'bin/napi-v6', process.platform, process.arch)
  return existsSync(folder) && readdirSync(folder).some((file) => file.includes('onnxruntime_providers_cuda'))
}

/** Libraries of CUDA and cuDNN that the system's loader does not find; null where it cannot be asked. */
export async function missingCudaLibraries(): Promise<{ file: string; from: string }[] | null> {
  if (process.platform !== 'linux') return null
  let known: string
  try {
    known = (await promisify(execFile)('ldconfig', ['-p'], { timeout: 10_000 })).stdout
  } catch {
    return null
  }
  const folders = (process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter((one) => one !== '')
  return LIBRARIES.filter(
    ([file]) => !known.includes(`${file} `) && !folders.some((folder) => existsSync(join(folder, file))),
  ).map(([file, from]) => ({ file, from }))
}

/**
 * Adds the CUDA provider: from a folder that holds its files, else as onnxruntime's own installer fetches it.
 * @param tell hears what the installer says
 * @returns files that were added; none when all were there
 * @throws CairnError `inference_failed` saying what can be done where it cannot be fetched
 */
export async function installCuda(from: string | null, tell: (line: string) => void): Promise<string[]> {
  const { possible, folder, files, missing } = cudaParts()
  if (!possible)
    throw new CairnError(
      'inference_failed',
      `This version of onnxruntime has no CUDA provider for ${process.platform} on ${process.arch}; Linux on x64 has one. Classification runs on the CPU.`,
    )
  if (from !== null) {
    const absent = files.filter((file) => !existsSync(join(from, file)))
    if (absent.length > 0)
      throw new CairnError(
        'inference_failed',
        `${from} does not hold ${absent.join(' and ')}. Nothing was copied.`,
      )
    for (const file of files) copyFileSync(join(from, file), join(folder, file))
    return files
  }
  if (missing.length === 0) return []
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
