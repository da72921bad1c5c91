import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ended, importFiles, openEngine, tableHashes, temporaryFolder } from '../unit/engine/support.ts'
import { writeCorpus } from './corpus.ts'

let folder: string
let files: string[]
let undisturbed: Record<string, string>

beforeAll(async () => {
  folder = temporaryFolder()
  files = writeCorpus(folder)
  const whole = openEngine(join(folder, 'undisturbed'))
  await importFiles(whole.client, files)
  await whole.close()
  undisturbed = tableHashes(join(folder, 'undisturbed'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a command of the system; answers whether it did as told. */
function system(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0
}

interface Disk {
  path: string
  resize(megabytes: number): void
  unmount(): void
}

/** A disk of its own; null where this process may not mount one. */
function mountDisk(megabytes: number): Disk | null {
  const path = join(folder, 'disk')
  mkdirSync(path)
  if (!system('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path)) return null
  return {
    path,
    resize(size) {
      if (!system('mount', '-o', `remount,size=${size}m`, path)) throw new Error('the disk was not resized')
    },
    unmount: () => void system('umount', path),
  }
}

describe('a disk that fills up during an import', () => {
  it('fails the job with disk_full, keeps what was committed, and the same process resumes', async (context) => {
    const disk = mountDisk(8)
    if (disk === null) return context.skip('no right to mount a disk')
    try {
      const opened = openEngine(join(disk.path, 'workspace'))
      const { client } = opened
      try {
        const job = await client.call('imports.start', { paths: files })
        const { error } = await ended(client, job, 'failed')
        expect(error!.code).toBe('disk_full')
        expect(error!.message).toContain('free some space')
        const kept = await client.call('traces.count', {})
        expect(kept).toBeLessThan(1500)
        for (const { read, imported, duplicates, rejected } of await client.call('workspace.sources', {}))
          expect(read).toBe(imported + duplicates + rejected)
        // Still full: the same again, and nothing is lost by trying.
        await client.call('jobs.resume', { id: job.id })
        expect((await ended(client, job, 'failed')).error!.code).toBe('disk_full')
        expect(await client.call('traces.count', {})).toBeGreaterThanOrEqual(kept)
        disk.resize(64)
        await client.call('jobs.resume', { id: job.id })
        await ended(client, job)
        expect(await client.call('workspace.check', {})).toEqual({ ok: true, problems: [] })
      } finally {
        await opened.close()
      }
      expect(tableHashes(opened.workspace)).toEqual(undisturbed)
    } finally {
      disk.unmount()
    }
  })
})

/** Imports in a process of its own and writes how the job ended to standard output. */
const HOST = `
import { openEngine } from ${JSON.stringify(join(import.meta.dirname, '../unit/engine/support.ts'))}
const [workspace, ...files] = process.argv.slice(2)
const { client, close } = openEngine(workspace)
const job = await client.call('imports.start', { paths: files })
const { state, error } = await client.call('jobs.wait', { id: job.id })
console.log(JSON.stringify({ state, code: error?.code ?? null, traces: await client.call('traces.count', {}) }))
await close()
`

describe.skipIf(process.platform === 'win32')('a limit on file size met during an import', () => {
  it.each([2, 5, 9])(
    'of %i MB: what was committed stays, and a process without it resumes',
    async (megabytes) => {
      const workspace = join(folder, `limited-${megabytes}`)
      const host = join(folder, 'host.ts')
      writeFileSync(host, HOST)
      // The shell's unit for files is 1024 bytes; the limit binds database and log alike.
      const line = `ulimit -f ${megabytes * 1024}; exec "$0" "$@"`
      const ran = spawnSync('bash', ['-c', line, process.execPath, host, workspace, ...files], {
        encoding: 'utf8',
      })
      expect(ran.stderr).not.toContain('Unhandled')
      const { state, code, traces } = JSON.parse(ran.stdout) as {
        state: string
        code: string
        traces: number
      }
      expect({ state, code }).toEqual({ state: 'failed', code: 'disk_full' })
      expect(statSync(join(workspace, 'cairn.db')).size).toBeLessThanOrEqual(megabytes * 1024 * 1024)
      expect(readFileSync(join(workspace, 'cairn.db')).length).toBeGreaterThan(0)

      const opened = openEngine(workspace)
      try {
        expect(await opened.client.call('traces.count', {})).toBe(traces)
        const [job] = await opened.client.call('jobs.list', {})
        await opened.client.call('jobs.resume', { id: job!.id })
        await ended(opened.client, job!)
        expect(await opened.client.call('workspace.check', {})).toEqual({ ok: true, problems: [] })
      } finally {
        await opened.close()
      }
      expect(tableHashes(workspace)).toEqual(undisturbed)
    },
  )
})

/** Opens a workspace, changes a setting in it, and writes the code of what came in the way to standard output. */
const CHANGE = `
import { openEngine } from ${JSON.stringify(join(import.meta.dirname, '../unit/engine/support.ts'))}
try {
  const { client, close } = openEngine(process.argv[2])
  try {
    await client.call('settings.set', { annotator: 'x'.repeat(400_000) })
  } finally {
    await close()
  }
} catch (error) {
  console.log(error.code)
}
`

describe.skipIf(process.platform === 'win32')('a limit on file size met outside jobs', () => {
  it.each([
    ['the lock', 0, false],
    ['the first tables', 200, false],
    ['a change by hand', 200, true],
  ])('is told as a full disk where it stops %s', async (_, kilobytes, exists) => {
    const host = join(folder, 'change.ts')
    writeFileSync(host, CHANGE)
    const workspace = join(folder, `changed-${kilobytes}-${exists}`)
    mkdirSync(workspace)
    if (exists) await openEngine(workspace).close()
    const line = `ulimit -f ${kilobytes}; exec "$0" "$@"`
    const { stdout } = spawnSync('bash', ['-c', line, process.execPath, host, workspace], {
      encoding: 'utf8',
    })
    expect(stdout.trim()).toBe('disk_full')
  })
})
