import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { addsUp, cancelMidway, pair, type Exported } from './import-support.ts'
import { ended, exportRows, importFiles } from './support.ts'

const opened = engineFor('test')

const exported = () => exportRows<Exported>(opened.client, join(opened.folder, 'out.jsonl'))

describe('bad records', () => {
  it('are listed with file, line and the byte offset of the raw record', async () => {
    const bad = [
      '{"prompt":"p","completion":"torn in the mid',
      '{"prompt":"p","completion":"bad \xff\xfe bytes"}',
      `{"prompt":"p","completion":${'['.repeat(400)}${']'.repeat(400)}}`,
      '{"prompt":"no response at all"}',
      "not json, <b>SQL</b> '; DROP TABLE traces; --",
      '[1,2,3]',
      '{"prompt":"p","completion":{"not":"text"}}',
    ].map((line) => Buffer.from(line, 'latin1'))
    const good = (index: number) => Buffer.from(pair(`héllo 😀 ${index}`))
    const lines = bad.flatMap((line, index) => [good(index), line])
    const file = opened.put('bad.jsonl', Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])))
    const result = await importFiles(opened.client, [file])
    addsUp(result)
    expect(result).toMatchObject({ imported: bad.length, rejected: bad.length, duplicates: 0 })
    const rejects = await opened.client.call('imports.rejects', {})
    expect(rejects.map(({ line }) => line)).toEqual(bad.map((_, index) => 2 * index + 2))
    const bytes = readFileSync(file)
    for (const [index, { offset, raw, message, file: name, code }] of rejects.entries()) {
      expect(name).toBe(file)
      expect(bytes.subarray(offset!, offset! + bad[index]!.length).equals(bad[index]!)).toBe(true)
      expect(raw).toBe(bad[index]!.toString())
      expect(message.length).toBeGreaterThan(10)
      expect(code).toBe(
        ['invalid_json', 'invalid_encoding', 'too_deep', 'no_response', 'invalid_json'][index] ?? code,
      )
    }
    const [source] = await opened.client.call('workspace.sources', {})
    expect(source!.state).toBe('partial')
  })

  it('have the offsets of the decompressed file in a gzip', async () => {
    const text = `${pair('one')}\n{"torn\n${pair('two')}\n`
    const file = opened.put('bad.jsonl.gz', gzipSync(text))
    await importFiles(opened.client, [file])
    const [reject] = await opened.client.call('imports.rejects', {})
    expect(text.slice(reject!.offset!, reject!.offset! + reject!.raw.length)).toBe(reject!.raw)
  })

  it('at the end of a file are told from a file that was cut off', async () => {
    const file = opened.put('cut.jsonl', `${pair('one')}\n${pair('two').slice(0, -5)}`)
    expect(await importFiles(opened.client, [file])).toMatchObject({ read: 2, imported: 1, rejected: 1 })
    expect((await opened.client.call('imports.rejects', {}))[0]!.code).toBe('torn_record')
  })

  it('can be mended: counts add up afterwards and the traces are there', async () => {
    const { client } = opened
    const file = opened.put(
      'mend.jsonl',
      [pair('one'), '{"prompt":"p","completion":"tw', '{"torn', pair('four')].join('\n'),
    )
    await importFiles(client, [file])
    const [first, second] = await client.call('imports.rejects', {})
    const again = await client.call('imports.retry', { replacements: [{ id: first!.id, text: pair('two') }] })
    expect(again).toEqual({ read: 1, imported: 1, duplicates: 0, rejected: 0, left: 0 })
    let [source] = await client.call('workspace.sources', {})
    expect(source).toMatchObject({ read: 4, imported: 3, duplicates: 0, rejected: 1, state: 'partial' })
    // A text that is still broken stays rejected, once.
    await client.call('imports.retry', { replacements: [{ id: second!.id, text: '{"still torn' }] })
    const left = await client.call('imports.rejects', {})
    expect(left).toHaveLength(1)
    expect(left[0]).toMatchObject({ line: 3, raw: '{"still torn' })
    await client.call('imports.retry', { replacements: [{ id: left[0]!.id, text: pair('one') }] })
    ;[source] = await client.call('workspace.sources', {})
    expect(source).toMatchObject({ read: 4, imported: 3, duplicates: 1, rejected: 0, state: 'complete' })
    expect((await exported()).map(({ response }) => response)).toEqual(['one', 'four', 'two'])
  })

  it('with invalid bytes stay rejected when tried again as they are', async () => {
    const file = opened.put(
      'latin1.jsonl',
      Buffer.concat([
        Buffer.from(`${pair('one')}\n`),
        Buffer.from('{"prompt":"p","completion":"caf\xe9"}\n', 'latin1'),
      ]),
    )
    await importFiles(opened.client, [file])
    expect(await opened.client.call('imports.retry', {})).toMatchObject({ imported: 0, rejected: 1 })
  })

  it('keep the run that the import was given when they are retried', async () => {
    const { client } = opened
    const mapping = { shape: 'fields', fields: { prompt: 'prompt', response: 'completion', run: 'model' } }
    const file = opened.put('run.jsonl', `${pair('one', { model: 'theirs' })}\n{"torn\n`)
    await importFiles(client, [file], { run: 'mine', checkpoint: 7, mapping })
    const [reject] = await client.call('imports.rejects', {})
    await client.call('imports.retry', {
      replacements: [{ id: reject!.id, text: pair('two', { model: 'theirs' }) }],
    })
    const rows = await client.call('traces.list', {})
    expect(rows.map(({ run, checkpoint }) => [run, checkpoint])).toEqual([
      ['mine', 7],
      ['mine', 7],
    ])
  })

  it('retried while their file is half imported do not end its import', async () => {
    const { client } = opened
    const bad = '{"torn'
    const long = 'x'.repeat(20_000)
    const lines = Array.from({ length: 1500 }, (_, index) => (index === 3 ? bad : pair(`${index} ${long}`)))
    const file = opened.put('half.jsonl', lines.join('\n'))
    const job = await cancelMidway(client, [file])
    const [source] = await client.call('workspace.sources', {})
    expect(source!.state).toBe('importing')
    const [reject] = await client.call('imports.rejects', {})
    await client.call('imports.retry', { replacements: [{ id: reject!.id, text: pair('mended') }] })
    await ended(client, await client.call('jobs.resume', { id: job }))
    expect(await client.call('traces.count', {})).toBe(1500)
  })
})
