import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { workerChannel } from '#engine/channels.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { ImportCursor, PreparedBatch, reader } from '#engine/importers/reader.ts'
import { connect, type Client } from '#shared/rpc/client.ts'

const AS_FOUND = { run: null, checkpoint: null, shape: null, mapping: null }

let folder: string
let client: Client<typeof reader, object>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-reader-'))
  client = connect(
    workerChannel(new Worker(installPaths().entries.reader, { workerData: { tempDir: folder } })),
  )
})
afterEach(() => {
  client.close()
  rmSync(folder, { recursive: true, force: true })
})

/** All batches of a file with these records, from a cursor on. */
async function batchesOf(records: object[], cursor: ImportCursor | null = null): Promise<PreparedBatch[]> {
  const path = join(folder, 'file.jsonl')
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  await client.call('plan', { paths: [path] })
  await client.call('open', { index: 0, overrides: AS_FOUND, cursor })
  const batches: PreparedBatch[] = []
  for (;;) {
    const batch = await client.call('next', {})
    if (batch === null) return batches
    batches.push(batch)
  }
}

describe('a batch', () => {
  it('is about as large whatever its traces are long in: prompts and earlier turns count', async () => {
    const long = 'x'.repeat(100_000)
    const records = Array.from({ length: 12 }, (_, at) => ({ prompt: `${at} ${long}`, completion: 'a' }))
    const sizes = (await batchesOf(records)).map(({ traces }) => traces.length)
    expect(sizes).toEqual([3, 3, 3, 3])
    const turns = records.map(({ prompt }) => ({
      messages: [
        { role: 'user', content: prompt },
        { role: 'assistant', content: 'a' },
      ],
    }))
    expect((await batchesOf(turns)).every(({ traces }) => traces.length <= 3)).toBe(true)
  })
})

describe('a file of lm-eval with two filters', () => {
  const sampleOf = (id: number, task: string, filter: string, exact_match: number) => ({
    ...{ doc_id: id, doc: { id }, target: '3', arguments: { gen_args_0: { arg_0: task, arg_1: {} } } },
    ...{ resps: [[`answer ${id}`]], filter, exact_match },
  })
  const records = ['strict-match', 'flexible-extract'].flatMap((filter, at) =>
    [0, 1].map((id) => sampleOf(id, 'Q', filter, at)),
  )
  const OTHER = 'records of filter flexible-extract: the same responses as of strict-match'

  it('gives every response once, and says why the others are left out', async () => {
    const [batch, ...more] = await batchesOf(records)
    expect(more).toEqual([])
    expect(batch!.traces.map(({ response, correct }) => [response, correct])).toEqual([
      ['answer 0', 0],
      ['answer 1', 0],
    ])
    expect(batch!.rejects).toEqual([])
    expect(batch!.passedOver).toEqual([OTHER])
  })

  it('does so too when it is resumed in the middle', async () => {
    const lines = records.map((record) => `${JSON.stringify(record)}\n`.length)
    const cursor = { items: 3, at: { line: 3, row: 2, offset: lines[0]! + lines[1]! } }
    const batches = await batchesOf(records, cursor)
    expect(batches.flatMap(({ traces }) => traces)).toEqual([])
    expect(batches.flatMap(({ passedOver }) => passedOver)).toEqual([OTHER])
  })

  it('gives those of another task that follow in the file, whatever their filter', async () => {
    const more = [0, 1].map((id) => sampleOf(id, 'Another question', 'none', 1))
    const [batch] = await batchesOf([...records, ...more])
    expect(batch!.traces.map(({ prompt, response }) => [prompt, response])).toEqual([
      ['Q', 'answer 0'],
      ['Q', 'answer 1'],
      ['Another question', 'answer 0'],
      ['Another question', 'answer 1'],
    ])
    expect(batch!.passedOver).toEqual([OTHER])
  })
})
