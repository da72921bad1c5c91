import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { openContainer } from '#engine/importers/containers/index.ts'
import { resolveInputs } from '#engine/importers/input/resolve.ts'
import { collect } from '../containers/support.ts'

/** A folder for the input files of each test, gone after it. */
export function inputFolder() {
  /** `tempDir` is where streams are spooled to. */
  const here = { folder: '', tempDir: '' }
  beforeEach(() => {
    here.folder = mkdtempSync(join(tmpdir(), 'cairn-input-'))
    here.tempDir = join(here.folder, '.spool')
  })
  afterEach(() => rmSync(here.folder, { recursive: true }))

  const resolve = (paths: readonly string[], stdin?: NodeJS.ReadableStream) =>
    resolveInputs(paths, { tempDir: here.tempDir, ...(stdin ? { stdin } : {}) })
  return {
    here,
    resolve,

    /** Writes a file and the folders above it; its path. */
    write(name: string, data: string | Uint8Array): string {
      const path = join(here.folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, data)
      return path
    },

    /** Reads the only input of a path through its container. */
    async readOnly(path: string, stdin?: NodeJS.ReadableStream) {
      const { files } = await resolve([path], stdin)
      expect(files).toHaveLength(1)
      const { container, batches } = await openContainer(files[0]!)
      return { file: files[0]!, container, ...(await collect(batches)) }
    },
  }
}

/** Lines of JSON that compress well and differ from one another. */
export const lines = (count: number): string =>
  Array.from({ length: count }, (_, id) => `{"id":${id},"text":"line ${id * 7919}"}\n`).join('')
