import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { pair } from './import-support.ts'
import { ended, importFiles, type ImportResult } from './support.ts'

const opened = engineFor('test')

/** Less than a batch of traces, compressed, of which the end is missing. */
function putBroken(): string {
  const lines = Array.from({ length: 100 }, (_, at) => pair(`${at} ${randomBytes(400).toString('hex')}`))
  const packed = gzipSync(lines.join('\n'))
  return opened.put('broken.jsonl.gz', packed.subarray(0, Math.floor(packed.length * 0.8)))
}

describe('a file that breaks off', () => {
  it('gives everything before the break', async () => {
    const { imported, failures } = await importFiles(opened.client, [putBroken()])
    expect(failures).toMatchObject([{ code: 'input_unreadable' }])
    expect(imported).toBeGreaterThan(60)
    expect(imported).toBeLessThan(100)
    expect(await opened.client.call('traces.count', {})).toBe(imported)
  })

  it('is told of once, where it holds columns', async () => {
    const texts = Array.from({ length: 100 }, (_, at) => `${at} ${randomBytes(400).toString('hex')}`)
    const packed = gzipSync(JSON.stringify({ prompts: texts, predictions: texts }))
    const path = opened.put('columns.json.gz', packed.subarray(0, Math.floor(packed.length * 0.8)))
    const { imported, rejected, failures } = await importFiles(opened.client, [path])
    expect(imported).toBeGreaterThan(30)
    expect([rejected, failures]).toMatchObject([0, [{ code: 'input_unreadable' }]])
  })

  it('is still named when the job was stopped in a later file and resumed', async () => {
    const { client } = opened
    const long = 'x'.repeat(20_000)
    const lines = Array.from({ length: 1500 }, (_, at) => pair(`${at} ${long}`))
    const paths = [putBroken(), opened.put('later.jsonl', lines.join('\n'))]
    const { id } = await client.call('imports.start', { paths })
    await expect
      .poll(() => client.call('traces.count', {}), { interval: 1, timeout: 20_000 })
      .toBeGreaterThan(100)
    expect((await client.call('jobs.cancel', { id })).state).toBe('cancelled')
    const { result } = await ended(client, await client.call('jobs.resume', { id }))
    const { failures, imported, duplicates } = result as unknown as ImportResult
    expect(failures).toMatchObject([{ file: paths[0], code: 'input_unreadable' }])
    expect(duplicates).toBe(0)
    expect(await client.call('traces.count', {})).toBe(imported)
  })
})

describe.skipIf(process.platform === 'win32')('what comes through a pipe', () => {
  it('keeps its rejects, whatever came through it before', async () => {
    const { client, folder } = opened
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const piped = async (text: string) =>
      (await Promise.all([importFiles(client, [pipe]), writeFile(pipe, text)]))[0]
    expect(await piped(`${pair('a')}\n`)).toMatchObject({ imported: 1 })
    expect(await piped(`${pair('a')}\n{"torn`)).toMatchObject({ imported: 0, duplicates: 1, rejected: 1 })
    expect(await client.call('imports.rejects', {})).toHaveLength(1)
    // The very same once more is no second source, as of a file.
    const sources = await client.call('workspace.sources', {})
    expect(await piped(`${pair('a')}\n`)).toMatchObject({ imported: 0, duplicates: 1 })
    expect(await client.call('workspace.sources', {})).toEqual(sources)
  })
})
