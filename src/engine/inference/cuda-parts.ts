import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** What onnxruntime would need to use CUDA here. */
export interface CudaParts {
  /** Whether there is a provider for this system at all. */
  possible: boolean
  /** Where the libraries that came with the package lie, and the path that the package asks for its binding by. */
  installed: { folder: string; binding: string }
  /**
   * Where the provider is, or belongs: with those, or in a folder of the user's own beside copies of them. An
   * installation may lie where its user cannot write.
   */
  folder: string
  /** Of onnxruntime: its files go together. */
  version: string
  /** Files of the provider, and what of them, or of what lies beside them, is not there. */
  files: string[]
  missing: string[]
  /** What the files are fetched in; null where they are not. */
  archive: ProviderArchive | null
}

/** An archive of a NuGet feed. */
export interface ProviderArchive {
  /** URL of the feed's service index. */
  index: string
  name: string
  version: string
  /** Where each file lies in it. */
  paths: Readonly<Record<string, string>>
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
const packageRoot = (): string => resolve(dirname(packages.resolve('onnxruntime-node')), '..')

/** The folder of its libraries, as the package names it. */
const folderOf = (root: string): string => join(root, 'bin/napi-v6', process.platform, process.arch)

/** The same, as others can open it: a packaged app keeps it outside its archive. */
const folderIn = (root: string): string => folderOf(root.replace(/\.asar(?=[\\/])/, '.asar.unpacked'))

/** The library that the package loads, which brings the others. */
export const BINDING = 'onnxruntime_binding.node'

/**
 * What is added for a version of onnxruntime lies here, whichever installation of Cairn uses it; machines of different
 * kinds may share a home. Null where the user has none.
 */
function addedFolder(version: string): string | null {
  const data = process.env['XDG_DATA_HOME']
  try {
    const base = data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local/share')
    return join(base, 'cairn', `onnxruntime-${version}-${process.platform}-${process.arch}`)
  } catch {
    return null
  }
}

/** What the package's own installer goes by. */
interface Metadata {
  requirements: Record<string, string[]>
  manifests: Record<string, Record<string, { package: string; path: string }>>
  packages: Record<string, { name: string; versions: { feed: string; version: string }[] }>
  feeds: Record<string, { index: string }>
}

/** Looks at what the package says of CUDA for this system, and at what of it is there. */
export function cudaParts(): CudaParts {
  const root = packageRoot()
  const place = `${process.platform}/${process.arch}`
  const version = (packages(join(root, 'package.json')) as { version: string }).version
  const metadata = packages(join(root, 'script/install-metadata.js')) as Metadata
  const needed = (metadata.requirements[place] ?? [])
    .flatMap((name) => Object.entries(metadata.manifests[`${place}:${name}`] ?? {}))
    .map(([file, from]) => ({ ...from, file: file.replace(/^\.\//, '') }))
    // Cairn does not use TensorRT.
    .filter(({ file }) => !file.includes('tensorrt'))
  const files = needed.map(({ file }) => file)
  const installed = { folder: folderIn(root), binding: join(folderOf(root), BINDING) }
  const absent = (folder: string, names: readonly string[]) =>
    names.filter((name) => !existsSync(join(folder, name)))
  const here = providerIn(installed.folder) !== undefined && absent(installed.folder, files).length === 0
  const folder = (here ? null : addedFolder(version)) ?? installed.folder
  return {
    possible: files.length > 0 || here,
    installed,
    folder,
    version,
    files,
    missing: absent(folder, [...librariesIn(installed.folder), ...files]),
    archive: archiveOf(metadata, needed),
  }
}

function archiveOf(
  { packages: archives, feeds }: Metadata,
  needed: readonly { file: string; package: string; path: string }[],
): ProviderArchive | null {
  const archive = archives[needed[0]?.package ?? '']
  const source = archive?.versions[0]
  const index = feeds[source?.feed ?? '']?.index
  if (archive === undefined || source === undefined || index === undefined) return null
  const paths = Object.fromEntries(needed.map(({ file, path }) => [file, path]))
  return { index, name: archive.name, version: source.version, paths }
}

/** What onnxruntime itself is made of: its binding and the libraries that this is linked against. */
export const librariesIn = (folder: string): string[] =>
  filesIn(folder).filter((file) => file === BINDING || /^libonnxruntime\.so/.test(file))

/** Of the provider's files the one that is linked against CUDA. */
const isProvider = (file: string): boolean => file.includes('onnxruntime_providers_cuda')

/** onnxruntime shouts on standard error when it looks for a provider in vain, so look first. */
const providerIn = (folder: string): string | undefined => filesIn(folder).find(isProvider)

const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])

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

/** The first of some files that the system's loader says is no library; null where there is none. */
export async function damagedOf(
  paths: readonly string[],
  ldd?: string,
): Promise<{ file: string; why: string } | null> {
  for (const file of paths) {
    const linked = await linkedLibraries(file, ldd)
    if (linked.state === 'damaged') return { file, why: linked.why }
  }
  return null
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
  { possible, installed, folder, files, missing }: CudaParts = cudaParts(),
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
      'With an NVIDIA card and its driver, add it: in the Models view, or with "cairn setup-cuda". Without one there is nothing to do.',
    )
  const provider = join(folder, files.find(isProvider) ?? providerIn(folder)!)
  const linked = await linkedLibraries(provider, ldd)
  if (linked.state === 'unknown')
    return state(null, 'It needs the NVIDIA driver and the CUDA libraries that it was built for.', {
      ...{ known: false, usable: true },
    })
  const broken = (file: string, why: string) =>
    state(
      `${basename(file)} does not load (${why})`,
      'Add the provider again: in the Models view, or with "cairn setup-cuda".',
    )
  if (linked.state === 'damaged') return broken(provider, linked.why)
  const copies = folder === installed.folder ? [] : librariesIn(folder)
  const damaged = await damagedOf(
    copies.map((file) => join(folder, file)),
    ldd,
  )
  if (damaged !== null) return broken(damaged.file, damaged.why)
  if (linked.missing.length === 0) return state(null, null, { usable: true })
  const from = [...new Set(linked.missing.map((library) => bringerOf(library, linked.cuda)))]
  return state(
    `the system does not find ${linked.missing.join(', ')}`,
    `Install ${from.join(' and ')}. Where that is done, name the folder of these libraries in LD_LIBRARY_PATH.`,
    { usable: true },
  )
}
