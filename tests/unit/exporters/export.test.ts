import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OpenFile } from '#engine/exporters/atomic.ts'
import { exportTraces } from '#engine/exporters/index.ts'
import { batches, exportTo, temporaryFolder, TRACES } from './sample.ts'

describe('what is written', () => {
  it.each(['jsonl', 'parquet'] as const)(
    '%s: the same bytes twice, wherever it is written',
    async (container) => {
      const [first, second] = await Promise.all(
        ['one', 'two'].map(async (name) => {
          const path = join(await temporaryFolder(), name)
          const result = await exportTraces(exportTo(path, { container }))
          const bytes = await readFile(path)
          expect(result).toEqual({ rows: 3, bytes: bytes.length, sha256: sha256(bytes) })
          return [bytes, await readFile(`${path}.manifest.json`)] as const
        }),
      )
      expect(second).toEqual(first)
    },
  )

  it('does not depend on how the traces are batched', async () => {
    const folder = await temporaryFolder()
    async function* oneByOne() {
      for (const trace of TRACES) yield [trace]
    }
    for (const container of ['jsonl', 'parquet'] as const) {
      const a = await exportTraces(exportTo(join(folder, `a.${container}`), { container }))
      const b = await exportTraces(
        exportTo(join(folder, `b.${container}`), { container, traces: oneByOne() }),
      )
      expect(b).toEqual(a)
    }
  })

  it('has the manifest that is documented', async () => {
    const path = join(await temporaryFolder(), 'out.jsonl')
    await exportTraces(exportTo(path))
    const manifest = await readFile(`${path}.manifest.json`, 'utf8')
    const fixture = resolve(import.meta.dirname, '../../fixtures/exports/traces.jsonl.manifest.json')
    await expect(manifest).toMatchFileSnapshot(fixture)
  })

  it('keeps no machine path and no order of keys or sources in the manifest', async () => {
    const folder = await temporaryFolder()
    const sources = [
      { name: 'C:\\data\\z.jsonl', sha256: null, bytes: 1 },
      { name: '/srv/a.jsonl', sha256: null, bytes: 2 },
      { name: 'runs/b.jsonl', sha256: null, bytes: 3 },
    ]
    const manifests = await Promise.all(
      [
        { filter: { correct: true, search: 'x' }, sources },
        { filter: { search: 'x', correct: true }, sources: sources.toReversed() },
      ].map(async (facts, index) => {
        const path = join(folder, String(index))
        await exportTraces(exportTo(path, { manifest: { cairn: '0.1.0', ...facts } }))
        return readFile(`${path}.manifest.json`, 'utf8')
      }),
    )
    expect(manifests[1]).toBe(manifests[0])
    const names = (JSON.parse(manifests[0]!) as { sources: { name: string }[] }).sources.map(
      ({ name }) => name,
    )
    expect(names).toEqual(['a.jsonl', 'runs/b.jsonl', 'z.jsonl'])
  })

  it('reports progress and follows a link to the file', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'real'), 'old')
    await symlink('real', join(folder, 'link'))
    const seen: number[] = []
    const onProgress = ({ rows }: { rows: number }) => void seen.push(rows)
    const { sha256: sum } = await exportTraces(
      exportTo(join(folder, 'link'), { overwrite: true, onProgress }),
    )
    expect(seen).toEqual([2, 3])
    expect(sha256(await readFile(join(folder, 'real')))).toBe(sum)
    expect(await readlink(join(folder, 'link'))).toBe('real')
  })
})

describe('what goes wrong leaves nothing behind', () => {
  it('an existing file or manifest is not replaced unasked', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'out.jsonl')
    for (const taken of [path, `${path}.manifest.json`]) {
      await writeFile(taken, 'old')
      await expect(exportTraces(exportTo(path))).rejects.toMatchObject({ code: 'output_exists' })
      expect(await readFile(taken, 'utf8')).toBe('old')
      expect(await readdir(folder)).toContain(taken.slice(folder.length + 1))
      await exportTraces(exportTo(path, { overwrite: true }))
      expect((await readdir(folder)).sort()).toEqual(['out.jsonl', 'out.jsonl.manifest.json'])
      await rm(path)
    }
  })

  it('a file that appears meanwhile is not replaced', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'out.jsonl')
    const onProgress = () => void writeFile(path, 'theirs')
    async function* slowly() {
      yield* batches()
      await new Promise((done) => setTimeout(done, 50))
    }
    const outcome = exportTraces(exportTo(path, { traces: slowly(), onProgress }))
    await expect(outcome).rejects.toMatchObject({ code: 'output_exists' })
    expect(await readdir(folder)).toEqual(['out.jsonl'])
    expect(await readFile(path, 'utf8')).toBe('theirs')
  })

  it('a folder that is missing, a file in its place, a folder or a device as the target', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    await mkdir(join(folder, 'folder'))
    await symlink('nowhere', join(folder, 'broken'))
    const targets = [
      join(folder, 'no/out'),
      join(folder, 'file/out'),
      join(folder, 'folder'),
      join(folder, 'broken'),
    ]
    if (process.platform !== 'win32') targets.push('/dev/null')
    for (const path of targets) {
      const outcome = exportTraces(exportTo(path, { overwrite: true }))
      await expect(outcome).rejects.toMatchObject({ code: 'output_unwritable' })
    }
    expect((await readdir(folder)).sort()).toEqual(['broken', 'file', 'folder'])
  })

  it.each(['jsonl', 'parquet'] as const)('%s: a full disk, whenever it fills', async (container) => {
    for (const failing of ['write', 'sync'] as const) {
      const folder = await temporaryFolder()
      const path = join(folder, 'out')
      await writeFile(path, 'old')
      const outcome = exportTraces(exportTo(path, { container, overwrite: true, open: fullDisk(failing) }))
      await expect(outcome).rejects.toMatchObject({ code: 'disk_full', details: { path } })
      expect(await readdir(folder)).toEqual(['out'])
      expect(await readFile(path, 'utf8')).toBe('old')
    }
  })

  it('an error of the traces themselves', async () => {
    const folder = await temporaryFolder()
    async function* failing() {
      yield TRACES
      throw new Error('the store is gone')
    }
    const outcome = exportTraces(exportTo(join(folder, 'out'), { traces: failing() }))
    await expect(outcome).rejects.toThrow('the store is gone')
    expect(await readdir(folder)).toEqual([])
  })

  it.each(['jsonl', 'parquet'] as const)(
    '%s: a cancel, before and in the middle, which ends the reading too',
    async (container) => {
      const folder = await temporaryFolder()
      const path = join(folder, 'out')
      const already = exportTraces(exportTo(path, { container, signal: AbortSignal.abort() }))
      await expect(already).rejects.toMatchObject({ code: 'cancelled' })

      const controller = new AbortController()
      let ended = false
      async function* endless() {
        try {
          for (;;) yield TRACES
        } finally {
          ended = true
        }
      }
      const onProgress = ({ rows }: { rows: number }) => void (rows > 3000 && controller.abort())
      const outcome = exportTraces(
        exportTo(path, { container, traces: endless(), signal: controller.signal, onProgress }),
      )
      await expect(outcome).rejects.toMatchObject({ code: 'cancelled' })
      expect(ended).toBe(true)
      expect(await readdir(folder)).toEqual([])
    },
  )
})

/** Opens real files on a disk that fills at the given call. */
function fullDisk(failing: 'write' | 'sync'): OpenFile {
  const full = () =>
    Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: failing }))
  return async (path) => {
    const file = await open(path, 'wx')
    return {
      writeFile: failing === 'write' ? full : (bytes) => file.writeFile(bytes),
      sync: failing === 'sync' ? full : () => file.sync(),
      close: () => file.close(),
    }
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
