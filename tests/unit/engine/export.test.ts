import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ExportInput } from '#shared/contract/exports.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { engineFor } from './engine-for.ts'
import { classifyAll, importFiles, jsonLines, sampleLines } from './support.ts'

let source: Buffer
const opened = engineFor('file')
beforeAll(async () => {
  source = Buffer.from(sampleLines('grpo').slice(0, 250).join('\n'))
  const file = opened.put('grpo.jsonl', source)
  await importFiles(opened.client, [file])
  await classifyAll(opened.client)
})

const run = async (options: Partial<ExportInput> & { path: string }): Promise<Job> => {
  const job = await opened.client.call('exports.start', { format: 'traces', ...options })
  return opened.client.call('jobs.wait', { id: job.id })
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('an export', () => {
  it.each([
    ['messages', 'jsonl'],
    ['prompt_completion', 'jsonl'],
    ['query_completion', 'parquet'],
    ['traces', 'jsonl'],
    ['traces', 'parquet'],
    ['annotations', 'jsonl'],
    ['annotations', 'parquet'],
  ] as const)(
    'of %s as %s made twice is the same bytes, and so is its manifest',
    async (format, container) => {
      const filter = {
        correct: true,
        behaviours: [{ behaviour: 'verification' as const, unit: 'steps' as const, min: 2 }],
      }
      const [a, b] = ['a', 'b'].map((name) => join(opened.folder, `${name}.${format}.${container}`))
      expect((await run({ path: a!, format, container, filter })).state).toBe('done')
      expect((await run({ path: b!, format, container, filter })).state).toBe('done')
      expect(readFileSync(a!).equals(readFileSync(b!))).toBe(true)
      expect(readFileSync(`${a!}.manifest.json`, 'utf8')).toBe(readFileSync(`${b!}.manifest.json`, 'utf8'))
      const manifest = JSON.parse(readFileSync(`${a!}.manifest.json`, 'utf8')) as {
        output: { rows: number; sha256: string }
        sources: { name: string; sha256: string }[]
      }
      expect(manifest.output.sha256).toBe(sha256(readFileSync(a!)))
      expect(manifest.sources).toEqual([{ name: 'grpo.jsonl', sha256: sha256(source), bytes: source.length }])
      const count = await opened.client.call('traces.count', { filter })
      expect(count).toBeGreaterThan(20)
      expect(manifest.output.rows).toBe(count)
    },
  )

  it('to Parquet holds the same rows as to JSONL', async () => {
    const [lines, parquet] = [join(opened.folder, 'same.jsonl'), join(opened.folder, 'same.parquet')]
    await run({ path: lines, format: 'prompt_completion' })
    await run({ path: parquet, format: 'prompt_completion', container: 'parquet' })
    const bytes = readFileSync(parquet)
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    })
    const plain = rows.map(({ id, run: name, prompt, completion }) => ({
      ...{ id: Number(id), run: name as string, prompt: prompt as string, completion: completion as string },
    }))
    expect(plain).toEqual(jsonLines(readFileSync(lines, 'utf8')))
  })

  it('of nothing is an empty file with a manifest', async () => {
    const path = join(opened.folder, 'none.jsonl')
    expect((await run({ path, filter: { runs: ['no such run'] } })).result).toMatchObject({
      rows: 0,
      bytes: 0,
    })
    expect(readFileSync(path, 'utf8')).toBe('')
    expect(existsSync(`${path}.manifest.json`)).toBe(true)
  })
})

describe('an export that cannot be written', () => {
  it('says that the file exists, and leaves it', async () => {
    const path = opened.put('there.jsonl', 'mine')
    const { state, error } = await run({ path })
    expect({ state, code: error!.code }).toEqual({ state: 'failed', code: 'output_exists' })
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect((await run({ path, overwrite: true })).state).toBe('done')
  })

  it('leaves nothing when only the manifest is in the way', async () => {
    const path = join(opened.folder, 'manifest.jsonl')
    writeFileSync(`${path}.manifest.json`, 'mine')
    expect((await run({ path })).error!.code).toBe('output_exists')
    expect(existsSync(path)).toBe(false)
    expect(readFileSync(`${path}.manifest.json`, 'utf8')).toBe('mine')
  })

  it('says what is wrong with the folder, and leaves nothing', async () => {
    const missing = await run({ path: join(opened.folder, 'no', 'such', 'folder.jsonl') })
    expect(missing.error).toMatchObject({ code: 'output_unwritable' })
    expect(missing.error!.message).toContain('folder')
    expect((await run({ path: opened.folder, overwrite: true })).error!.code).toBe('output_unwritable')
    expect((await run({ path: join(opened.folder, 'grpo.jsonl', 'x') })).error!.code).toBe(
      'output_unwritable',
    )
  })

  it.skipIf(process.getuid?.() === 0 && !existsSync('/proc/self/mountinfo'))(
    'says that it may not write there',
    async () => {
      // Root may write anywhere but in the kernel's own folders.
      const locked = process.getuid?.() === 0 ? '/proc/self' : join(opened.folder, 'locked')
      if (locked !== '/proc/self') {
        mkdirSync(locked)
        chmodSync(locked, 0o555)
      }
      const { error } = await run({ path: join(locked, 'out.jsonl') })
      expect(error!.code).toBe('output_unwritable')
    },
  )

  it('when cancelled leaves nothing, not even beside it', async () => {
    const path = join(opened.folder, 'cancelled')
    mkdirSync(path)
    const job = await opened.client.call('exports.start', { format: 'traces', path: join(path, 'out.jsonl') })
    const { state } = await opened.client.call('jobs.cancel', { id: job.id })
    expect(['cancelled', 'done']).toContain(state)
    if (state === 'cancelled') expect(readdirSync(path)).toEqual([])
    const { state: resumed } = await opened.client
      .call('jobs.resume', { id: job.id })
      .then(({ id }) => opened.client.call('jobs.wait', { id }))
      .catch(() => ({ state: 'done' }))
    expect(resumed).toBe('done')
    expect(jsonLines(readFileSync(join(path, 'out.jsonl'), 'utf8'))).toHaveLength(250)
  })
})
