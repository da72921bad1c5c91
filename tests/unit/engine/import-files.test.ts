import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { ended, importFiles } from './support.ts'

const opened = engineFor('test')

const put = (name: string, ...records: object[]) => {
  const path = join(opened.folder, name)
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  return path
}
const preview = async (paths: string[], more: object = {}) =>
  (await opened.client.call('imports.preview', { paths, ...more })).files

describe('files of one import', () => {
  it('may each be read in their own way, or be left out', async () => {
    const paths = [
      put('a.jsonl', { prompt: 'p', completion: 'a' }),
      put('b.jsonl', { q: 'p', out: 'b', other: 'c' }),
      put('c.jsonl', { prompt: 'p', completion: 'd' }),
    ]
    const [a, b, c] = (await preview(paths)).map(({ file }) => file) as [string, string, string]
    const files = [
      { file: a, run: 'first', checkpoint: 7 },
      { file: b, mapping: { shape: 'fields', fields: { prompt: 'q', response: 'other' } } },
      { file: c, leaveOut: true },
    ]
    const looked = await preview(paths, { run: 'all', files })
    expect(looked.map(({ run, checkpoint }) => [run, checkpoint])).toEqual([
      ['first', 7],
      ['all', null],
      ['all', null],
    ])
    expect(looked[1]!.traces).toEqual([{ prompt: 'p', response: 'c' }])

    const { imported, skipped } = await importFiles(opened.client, paths, { run: 'all', files })
    expect(imported).toBe(2)
    expect(skipped).toEqual([{ name: c, reason: 'left out by you' }])
    const runs = await opened.client.call('workspace.runs', {})
    expect(runs.map(({ name, checkpoints }) => [name, checkpoints])).toEqual(
      expect.arrayContaining([
        ['first', [7]],
        ['all', [null]],
      ]),
    )
  })

  it('keep their own reading when a rejected record is tried again', async () => {
    const path = put('a.jsonl', { q: 'p', out: 'b' }, { q: 'p', out: null })
    const { file } = (await preview([path]))[0]!
    const mapping = { shape: 'fields', fields: { prompt: 'q', response: 'out' } }
    const job = await opened.client.call('imports.start', {
      paths: [path],
      files: [{ file, run: 'own', mapping }],
    })
    await ended(opened.client, job)
    const [reject] = await opened.client.call('imports.rejects', {})
    const replacements = [{ id: reject!.id, text: '{"q": "p", "out": "c"}' }]
    expect(await opened.client.call('imports.retry', { replacements })).toMatchObject({ imported: 1 })
    expect(await opened.client.call('traces.count', { filter: { runs: ['own'] } })).toBe(2)
  })

  it('tell a file that cannot be read from one with some bad records', async () => {
    const good = put('good.jsonl', { prompt: 'p', completion: 'a' })
    const some = put('some.jsonl', { prompt: 'p', completion: 'a' }, { prompt: 'p', completion: null })
    const none = put('none.jsonl', { x: 1 })
    const [a, b, c] = await preview([good, some, none])
    expect([a!.fatal, b!.fatal, c!.fatal]).toEqual([false, false, true])
    expect(a!.problem).toBeNull()
    expect(b!.problem).toMatch(/^Expected text at "completion"/)
  })

  it('tell which of their records were passed over', async () => {
    const sample = (filter: string) => ({
      ...{ doc_id: 1, doc: {}, target: '3', arguments: [['Q', {}]], resps: [['3']], filter, exact_match: 1 },
    })
    const path = put('samples.jsonl', sample('strict-match'), sample('flexible-extract'))
    const reason = 'records of filter flexible-extract: the same responses as of strict-match'
    expect(await importFiles(opened.client, [path])).toMatchObject({
      ...{ read: 1, imported: 1, skipped: [{ name: path, reason }] },
    })
  })

  it('are told from the shapes there are', async () => {
    const shapes = await opened.client.call('imports.shapes', {})
    expect(shapes.find(({ id }) => id === 'fields')!.title).not.toBe('')
    const path = put('a.jsonl', { prompt: 'p', completion: 'a' })
    for (const { id } of shapes.slice(-3)) expect(await preview([path], { shape: id })).toHaveLength(1)
  })
})

describe('the size of a workspace', () => {
  it('counts what still lies in the write-ahead log', async () => {
    const before = await opened.client.call('workspace.info', {})
    await importFiles(opened.client, [put('a.jsonl', { prompt: 'p', completion: 'x'.repeat(3_000_000) })])
    const after = await opened.client.call('workspace.info', {})
    expect(after.bytes - before.bytes).toBeGreaterThan(2_900_000)
  })
})
