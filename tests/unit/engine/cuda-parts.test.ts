import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  BINDING,
  cudaParts,
  cudaState,
  linkedLibraries,
  type CudaParts,
} from '#engine/inference/cuda-parts.ts'
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
    ...{ possible: true, installed: { folder: installed, binding: '' }, folder: installed },
    ...{ version: '1.30.0', files: [PROVIDER, SHARED], missing: [], archive: null },
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

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
      advice: expect.stringContaining('Add the provider again') as string,
    })
    put(folder, 'torn.so', 'torn')
    expect(await linkedLibraries(join(folder, 'torn.so'))).toEqual({
      state: 'damaged',
      why: 'it is no library',
    })
  })

  it('is not there, or cannot be', async () => {
    expect((await cudaState({ ...parts, missing: parts.files })).advice).toContain('"cairn setup-cuda"')
    expect((await cudaState({ ...parts, possible: false })).advice).toBe(
      'CUDA can be used on Linux on x64 only.',
    )
  })

  it('is asked of the package that is installed', () => {
    vi.stubEnv('XDG_DATA_HOME', folder)
    const { files, missing, version, folder: into, installed, archive } = cudaParts()
    expect(version).toBe('1.30.0')
    expect(existsSync(installed.binding)).toBe(true)
    expect(readdirSync(installed.folder)).toContain(BINDING)
    if (process.arch !== 'x64') return
    expect(files).toEqual([PROVIDER, SHARED])
    expect(archive).toMatchObject({ version, index: expect.stringMatching(/^https:/) as string })
    expect(Object.keys(archive!.paths)).toEqual(files)
    // Unless somebody put it into the package itself.
    if (into === installed.folder) return
    expect(into).toBe(join(folder, 'cairn', 'onnxruntime-1.30.0-linux-x64'))
    expect(missing).toEqual(expect.arrayContaining([BINDING, PROVIDER, SHARED]))
  })
})
