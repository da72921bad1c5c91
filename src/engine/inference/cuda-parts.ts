import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** What onnxruntime would need to use CUDA here. */
export interface CudaParts {
  /** Whether there is a provider for this system at all. */
  possible: boolean
  /** Where its files belong. */
  folder: string
  /** Whether Cairn was installed as a package, which has no npm to add them with. */
  packaged: boolean
  /** Of onnxruntime: its files go together. */
  version: string
  /** Files of the provider, and those of them that are not there. */
  files: string[]
  missing: string[]
}

/** How a library that is there stands with the system's loader. */
export type Linked =
  /** Its libraries that are not found; and the CUDA it is built for, null where its libraries' names do not tell. */
  | { state: 'read'; missing: string[]; cuda: string | null }
  /** It is no library that can be loaded. */
  | { state: 'damaged'; why: string }
  /** The loader cannot be asked. */
  | { state: 'unknown' }

/** What is in the way of CUDA, and what to do about it; a `problem` of null: nothing that can be seen without running. */
export interface CudaState {
  problem: string | null
  advice: string | null
  /** Whether the provider's libraries could be looked for. */
  known: boolean
  /** Whether onnxruntime may try: a library that is cut off takes the process down that loads it. */
  usable: boolean
}

const packages = createRequire(import.meta.url)

/** Root of the package that brings onnxruntime; in a packaged app it lies in an archive. */
export const packageRoot = (): string => resolve(dirname(packages.resolve('onnxruntime-node')), '..')

/** The folder of its libraries, which a packaged app keeps outside its archive. */
const folderIn = (root: string): string =>
  join(root.replace(/\.asar(?=[\\/])/, '.asar.unpacked'), 'bin/napi-v6', process.platform, process.arch)

/** Looks at what the package says of CUDA for this system, and at what of it is installed. */
export function cudaParts(): CudaParts {
  const root = packageRoot()
  const place = `${process.platform}/${process.arch}`
  const folder = folderIn(root)
  const metadata = packages(join(root, 'script/install-metadata.js')) as {
    requirements: Record<string, string[]>
    manifests: Record<string, Record<string, unknown>>
  }
  const files = (metadata.requirements[place] ?? [])
    .flatMap((name) => Object.keys(metadata.manifests[`${place}:${name}`] ?? {}))
    .map((file) => file.replace(/^\.\//, ''))
    // Cairn does not use TensorRT.
    .filter((file) => !file.includes('tensorrt'))
  return {
    possible: files.length > 0 || providerIn(folder) !== undefined,
    folder,
    packaged: /\.asar[\\/]/.test(root),
    version: (packages(join(root, 'package.json')) as { version: string }).version,
    files,
    missing: files.filter((file) => !existsSync(join(folder, file))),
  }
}

/** Of the provider's files the one that is linked against CUDA. */
const isProvider = (file: string): boolean => file.includes('onnxruntime_providers_cuda')

/** onnxruntime shouts on standard error when it looks for a provider in vain, so look first. */
const providerIn = (folder: string): string | undefined =>
  existsSync(folder) ? readdirSync(folder).find(isProvider) : undefined

/** Where systems keep `ldd`; elsewhere it is looked for on the path. */
const LDD = ['/usr/bin/ldd', '/bin/ldd'].find((file) => existsSync(file)) ?? 'ldd'

/**
 * Asks the system's loader what a library needs: which libraries it is linked against differs from one version of
 * onnxruntime to the next.
 * @param ldd the program that asks, on Linux
 */
export async function linkedLibraries(file: string, ldd: string = LDD): Promise<Linked> {
  if (process.platform !== 'linux') return { state: 'unknown' }
  let said: string
  try {
    const { stdout, stderr } = await promisify(execFile)(ldd, [resolve(file)], {
      timeout: 20_000,
      env: { ...process.env, LC_ALL: 'C' },
    })
    said = stdout + stderr
  } catch (thrown) {
    const { code, stdout = '', stderr = '' } = thrown as { code?: unknown; stdout?: string; stderr?: string }
    // A number is how the program ended; anything else is why it did not run to its end.
    if (typeof code !== 'number') return { state: 'unknown' }
    const none = /not a dynamic executable/.test(stdout + stderr)
    return { state: 'damaged', why: none ? 'it is no library' : 'it is cut off or damaged' }
  }
  const missing = [...said.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!)
  const versions = [...said.matchAll(/version [`'](\S+)' not found/g)].map(([, name]) => name!)
  return {
    state: 'read',
    missing: [...new Set([...missing, ...versions])],
    cuda: /\blib(?:cudart|cublas)\.so\.(\d+)/.exec(said)?.[1] ?? null,
  }
}

/** What brings a library. */
function bringerOf(library: string, cuda: string | null): string {
  if (/^libcuda\.so/.test(library)) return 'the NVIDIA driver'
  const cudnn = /^libcudnn\S*\.so\.(\d+)/.exec(library)?.[1]
  if (cudnn !== undefined) return `cuDNN ${cudnn}`
  if (/^lib(?:cu|nv)/.test(library)) return cuda === null ? 'CUDA' : `CUDA ${cuda}`
  return /^(?:GLIBC|GLIBCXX|CXXABI)_/.test(library) ? 'a newer Linux' : `what brings ${library}`
}

/** Looks for what lies between onnxruntime and a card: the provider, and the libraries that it is linked against. */
export async function cudaState(
  { possible, folder, packaged, version, files, missing }: CudaParts = cudaParts(),
  ldd?: string,
): Promise<CudaState> {
  const state = (problem: string | null, advice: string | null, { known = true, usable = false } = {}) => ({
    ...{ problem, advice, known, usable },
  })
  if (!possible)
    return state(
      `onnxruntime has no CUDA provider for ${process.platform} on ${process.arch}`,
      'CUDA can be used on Linux on x64 only.',
    )
  if (missing.length > 0)
    return state(
      `the CUDA provider of onnxruntime is not installed`,
      packaged
        ? `With an NVIDIA card and its driver, put ${missing.join(' and ')} of onnxruntime ${version} into ${folder}. Without one there is nothing to do.`
        : 'With an NVIDIA card and its driver, "npm run setup:cuda" (or "cairn setup-cuda") adds it. Without one there is nothing to do.',
    )
  const provider = join(folder, files.find(isProvider) ?? providerIn(folder)!)
  const linked = await linkedLibraries(provider, ldd)
  if (linked.state === 'unknown')
    return state(null, 'It needs the NVIDIA driver and the CUDA libraries that it was built for.', {
      ...{ known: false, usable: true },
    })
  if (linked.state === 'damaged')
    return state(
      `${basename(provider)} does not load (${linked.why})`,
      packaged
        ? `Put ${files.join(' and ')} of onnxruntime ${version} into ${folder} again.`
        : '"cairn setup-cuda --from FOLDER" replaces it by the one in a folder.',
    )
  if (linked.missing.length === 0) return state(null, null, { usable: true })
  const from = [...new Set(linked.missing.map((library) => bringerOf(library, linked.cuda)))]
  return state(
    `the system does not find ${linked.missing.join(', ')}`,
    `Install ${from.join(' and ')}. Where that is done, name the folder of these libraries in LD_LIBRARY_PATH.`,
    { usable: true },
  )
}
