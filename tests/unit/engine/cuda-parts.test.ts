import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cudaParts, cudaState, linkedLibraries, type CudaParts } from '#engine/inference/cuda-parts.ts'
import { installCuda } from '#engine/inference/cuda-setup.ts'
import { temporaryFolder } from './support.ts'

const PROVIDER = 'libonnxruntime_providers_cuda.so'
const SHARED = 'libonnxruntime_providers_shared.so'

let folder: string
let parts: CudaParts
beforeEach(() => {
  folder = temporaryFolder()
  const installed = join(folder, 'installed')
  mkdirSync(installed)
  parts = {
    ...{ possible: true, folder: installed, packaged: false, version: '1.30.0' },
    ...{ files: [PROVIDER, SHARED], missing: [] },
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A program that says what `ldd` would. */
function ldd(said: string, code = 0): string {
  const file = join(folder, 'ldd')
  writeFileSync(file, `#!/bin/sh\ncat <<'END'\n${said}\nEND\nexit ${code}\n`)
  chmodSync(file, 0o755)
  return file
}
const put = (into: string, name: string, content: string) => {
  mkdirSync(into, { recursive: true })
  writeFileSync(join(into, name), content)
}
const NEEDS = (cuda: number, found: (library: string) => boolean) =>
  [
    `libcublasLt.so.${cuda}`,
    `libcublas.so.${cuda}`,
    'libcurand.so.10',
    `libcudart.so.${cuda}`,
    'libcuda.so.1',
  ]
    .map((library) => `\t${library} => ${found(library) ? `/opt/${library} (0x00007f00)` : 'not found'}`)
    .concat('\tlibm.so.6 => /lib/libm.so.6 (0x00007f01)', '\t/lib64/ld-linux-x86-64.so.2 (0x00007f02)')
    .join('\n')

describe.skipIf(process.platform !== 'linux')('what lies between onnxruntime and a card', () => {
  const state = (said: string, code?: number) => cudaState(parts, ldd(said, code))

  it('is what the provider is linked against, of whichever CUDA', async () => {
    for (const cuda of [12, 13]) {
      expect(await state(NEEDS(cuda, (library) => library.startsWith('libcuda.')))).toMatchObject({
        problem: `the system does not find libcublasLt.so.${cuda}, libcublas.so.${cuda}, libcurand.so.10, libcudart.so.${cuda}`,
        advice: expect.stringMatching(`^Install CUDA ${cuda}\\.`) as string,
      })
      expect((await state(NEEDS(cuda, () => true))).problem).toBe(null)
    }
    expect(await state(NEEDS(13, (library) => !library.startsWith('libcuda.')))).toMatchObject({
      problem: 'the system does not find libcuda.so.1',
      advice: expect.stringMatching('^Install the NVIDIA driver\\.') as string,
    })
  })

  it('is not known where the loader cannot be asked', async () => {
    expect(await cudaState(parts, join(folder, 'no-ldd'))).toMatchObject({
      ...{ problem: null, known: false, usable: true },
    })
    expect(await state(NEEDS(13, () => true))).toEqual({
      ...{ problem: null, advice: null, known: true, usable: true },
    })
  })

  it('may be a provider that is none', async () => {
    expect(await state('\tnot a dynamic executable', 1)).toMatchObject({
      problem: `${PROVIDER} does not load (it is no library)`,
      usable: false,
      advice: expect.stringContaining('--from') as string,
    })
    put(folder, 'torn.so', 'torn')
    expect(await linkedLibraries(join(folder, 'torn.so'))).toEqual({
      state: 'damaged',
      why: 'it is no library',
    })
  })

  it('says which folder takes the files of a packaged app, and has no npm there', async () => {
    const { advice } = await cudaState({ ...parts, packaged: true, missing: parts.files })
    expect(advice).toContain(`${PROVIDER} and ${SHARED} of onnxruntime 1.30.0 into ${parts.folder}`)
    expect(advice).not.toContain('npm')
    expect((await cudaState({ ...parts, missing: parts.files })).advice).toContain('npm run setup:cuda')
    expect((await cudaState({ ...parts, possible: false })).advice).toBe(
      'CUDA can be used on Linux on x64 only.',
    )
  })

  it('is asked of the package that is installed', () => {
    const { files, version, folder: into, packaged } = cudaParts()
    expect({ version, packaged }).toEqual({ version: '1.30.0', packaged: false })
    expect(readdirSync(into)).toContain('onnxruntime_binding.node')
    if (process.arch === 'x64') expect(files).toEqual([PROVIDER, SHARED])
  })
})

describe.skipIf(process.platform !== 'linux')('adding the provider from a folder', () => {
  /** A library that this system loads, as large as the test likes. */
  const library = join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-node')),
    `../bin/napi-v6/linux/${process.arch}/onnxruntime_binding.node`,
  )
  const from = () => join(folder, 'from')
  const take = () => installCuda(from(), () => undefined, parts)
  beforeEach(() => {
    mkdirSync(from())
    for (const file of parts.files) copyFileSync(library, join(from(), file))
  })

  it('replaces what is there as a whole: who has the old one open keeps it', async () => {
    for (const file of parts.files) put(parts.folder, file, 'old')
    const open = openSync(join(parts.folder, PROVIDER), 'r')
    expect(await take()).toEqual([PROVIDER, SHARED])
    const seen = Buffer.alloc(10)
    expect(seen.toString('utf8', 0, readSync(open, seen, 0, 10, 0))).toBe('old')
    expect(readFileSync(join(parts.folder, PROVIDER))).toEqual(readFileSync(library))
    expect(readdirSync(parts.folder).sort()).toEqual([PROVIDER, SHARED])
  })

  it('takes nothing where a file is missing or is no library', async () => {
    for (const file of parts.files) put(parts.folder, file, 'old')
    put(from(), SHARED, 'torn')
    await expect(take()).rejects.toThrow(`${SHARED} is no library that loads here (it is no library)`)
    rmSync(join(from(), SHARED))
    await expect(take()).rejects.toThrow(`does not hold ${SHARED}`)
    for (const file of parts.files) expect(readFileSync(join(parts.folder, file), 'utf8')).toBe('old')
  })

  it('is what a provider that is there and does not load needs', async () => {
    for (const file of parts.files) copyFileSync(library, join(parts.folder, file))
    const again = () => installCuda(null, () => undefined, parts)
    expect(await again()).toEqual([])
    put(parts.folder, PROVIDER, 'torn')
    await expect(again()).rejects.toMatchObject({
      code: 'inference_failed',
      message: expect.stringMatching(/is there, but does not load.*--from/) as string,
    })
    await take()
    expect(await again()).toEqual([])
  })
})
