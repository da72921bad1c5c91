import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportCounts } from '#shared/contract/imports.ts'
import { engineFor } from './engine-for.ts'
import { addsUp, cancelMidway, pair } from './import-support.ts'
import {
  dumpTables,
  ended,
  importFiles,
  openEngine,
  sampleLines,
  temporaryFolder,
  type ImportResult,
} from './support.ts'

const opened = engineFor('test')

describe('cancel and resume', () => {
  let expected: Record<string, string[]>
  let files: string[]
  let corpus: string
  beforeAll(async () => {
    corpus = temporaryFolder()
    const lines = sampleLines('sft_lora').map((line, index) => (index % 50 === 9 ? '{"torn' : line))
    const long = lines.map((line) =>
      line.replace('"raw_generation": "', `"raw_generation": "${'pad '.repeat(2000)}`),
    )
    const array = `[${sampleLines('rft')
      .map((line) => line.replace('"raw_generation": "', `"raw_generation": "${'pad '.repeat(2000)}`))
      .join(',')}]`
    files = [
      ['a.jsonl', long.join('\n')],
      ['b.jsonl.gz', gzipSync(long.join('\n').replaceAll('pad pad', 'gzip pad'), { level: 1 })],
      ['c.json', array],
    ].map(([name, data]) => {
      const path = join(corpus, name as string)
      writeFileSync(path, data!)
      return path
    })
    const undisturbed = openEngine(join(corpus, 'undisturbed'))
    await importFiles(undisturbed.client, files, { run: 'r' })
    await undisturbed.close()
    expected = dumpTables(join(corpus, 'undisturbed'))
  })
  afterAll(() => {
    rmSync(corpus, { recursive: true, force: true })
  })

  it.each([1, 2, 3, 4])('reaches what an undisturbed import does, cancelled %i times', async (times) => {
    const { client, workspace } = opened
    const { id } = await client.call('imports.start', { paths: files, run: 'r' })
    let before = 0
    for (let cancels = 0; cancels < times; cancels++) {
      const from = before
      await expect
        .poll(() => client.call('traces.count', {}), { interval: 1, timeout: 20_000 })
        .toBeGreaterThan(from)
      const { state } = await client.call('jobs.cancel', { id })
      expect(state).toBe('cancelled')
      before = await client.call('traces.count', {})
      expect(before).toBeGreaterThan(from)
      for (const source of await client.call('workspace.sources', {})) addsUp(source)
      await client.call('jobs.resume', { id })
    }
    const done = await ended(client, await client.call('jobs.get', { id }))
    addsUp(done.result as unknown as ImportCounts)
    const actual = dumpTables(workspace)
    expect(actual['traces']).toEqual(expected['traces'])
    expect(actual).toEqual(expected)
  })

  it('a file that changed meanwhile is named, and what was imported stays', async () => {
    const { client } = opened
    const long = 'x'.repeat(20_000)
    const file = opened.put(
      'change.jsonl',
      Array.from({ length: 1500 }, (_, index) => pair(`${index} ${long}`)).join('\n'),
    )
    const id = await cancelMidway(client, [file])
    const before = await client.call('traces.count', {})
    expect(before).toBeLessThan(1500)
    writeFileSync(file, `${pair('new')}\n`)
    const { result } = await ended(client, await client.call('jobs.resume', { id }))
    expect((result as unknown as ImportResult).failures[0]).toMatchObject({ code: 'source_changed' })
    expect(await client.call('traces.count', {})).toBe(before)
  })
})
