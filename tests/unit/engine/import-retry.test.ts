import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parquetMetadata } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { addsUp, pair, type Exported } from './import-support.ts'
import { exportRows, importFiles } from './support.ts'

const opened = engineFor('test')

const rejects = () => opened.client.call('imports.rejects', {})
const retry = (...mended: { id: number; text: string }[]) =>
  opened.client.call('imports.retry', { replacements: mended })

/** The counts of the only source; they always add up. */
async function counts() {
  const [source] = await opened.client.call('workspace.sources', {})
  const { read, imported, duplicates, rejected, state } = source!
  addsUp({ read, imported, duplicates, rejected })
  return { read, imported, duplicates, rejected, state }
}

async function responses(): Promise<string[]> {
  const rows = await exportRows<Exported>(opened.client, join(opened.folder, 'out.jsonl'))
  return rows.map(({ response }) => response).sort()
}

/** Tries all again, as they are and as "cairn rejects --json" would write them: nothing changes. */
async function changesNothing() {
  const all = async () => ({
    counts: await counts(),
    rejects: await rejects(),
    traces: await opened.client.call('traces.count', {}),
  })
  const before = await all()
  for (const mended of [[], before.rejects.map(({ id, raw }) => ({ id, text: raw }))]) {
    const { rejected } = before.counts
    const left = before.rejects.length
    expect(await retry(...mended)).toEqual({ read: rejected, imported: 0, duplicates: 0, rejected, left })
    expect(await all()).toEqual(before)
  }
}

/** A row of the math harness; null is a generation that is missing. */
const row = (code: (string | null)[], more: object = {}): string =>
  JSON.stringify({ idx: 1, question: 'q', gt: '1', code, pred: code.map(() => '1'), ...more })

const letters = (...missing: number[]): (string | null)[] =>
  [...'abcdefghij'].map((letter, index) => (missing.includes(index) ? null : letter))

describe('a record with several bad elements', () => {
  it('is one reject, however often it is tried, and mending some of them leaves the others', async () => {
    await importFiles(opened.client, [opened.put('m.jsonl', row(letters(1, 4, 8)))])
    expect(await counts()).toMatchObject({ read: 10, imported: 7, rejected: 3 })
    const [only, ...others] = await rejects()
    expect(others).toEqual([])
    expect(only!.message).toMatch(/code\[1\].*3 of 10/)
    await changesNothing()

    const some = await retry({ id: only!.id, text: row(letters(8)) })
    expect(some).toEqual({ read: 3, imported: 2, duplicates: 0, rejected: 1, left: 1 })
    expect(await counts()).toMatchObject({ read: 10, imported: 9, duplicates: 0, rejected: 1 })
    expect(await rejects()).toMatchObject([{ id: only!.id, raw: row(letters(8)) }])
    await changesNothing()

    await retry({ id: only!.id, text: row(letters()) })
    expect(await counts()).toEqual({ read: 10, imported: 10, duplicates: 0, rejected: 0, state: 'complete' })
    expect(await responses()).toEqual([...'abcdefghij'])
  })

  it('keeps its bytes once', async () => {
    const code = Array.from({ length: 100 }, (_, index) => (index % 2 ? null : `${index} `.repeat(2_000)))
    await importFiles(opened.client, [opened.put('m.jsonl', row(code))])
    expect((await counts()).rejected).toBe(50)
    expect((await rejects()).map(({ raw }) => raw)).toEqual([row(code)])
  })

  it('counts for as many while its text is broken', async () => {
    await importFiles(opened.client, [opened.put('m.jsonl', row(letters(1, 4, 8)))])
    const [{ id } = { id: 0 }] = await rejects()
    await retry({ id, text: row(letters(8)).slice(0, -1) })
    expect(await counts()).toMatchObject({ read: 10, imported: 7, rejected: 3 })
    await retry({ id, text: row(letters()) })
    expect(await counts()).toMatchObject({ read: 10, imported: 10, duplicates: 0, rejected: 0 })
  })

  it('may be without its bad elements once it is mended', async () => {
    await importFiles(opened.client, [opened.put('m.jsonl', row(letters(7, 8, 9)))])
    const [{ id } = { id: 0 }] = await rejects()
    const counted = await retry({ id, text: row(letters().slice(0, 7)) })
    expect(counted).toEqual({ read: 0, imported: 0, duplicates: 0, rejected: 0, left: 0 })
    expect(await counts()).toMatchObject({ read: 7, imported: 7, duplicates: 0, rejected: 0 })
  })

  it('does not give its good ones twice where the file says more of them than the record', async () => {
    const other = row(['x', 'y'], { idx: 2 })
    const text = `{"note":"of the file","rows":[${row(['a', null, 'c'])},${other}]}`
    await importFiles(opened.client, [opened.put('m.json', text)])
    const [{ id } = { id: 0 }] = await rejects()
    await changesNothing()
    await retry({ id, text: row(['a', 'b', 'c']) })
    expect(await counts()).toMatchObject({ read: 5, imported: 5, duplicates: 0, rejected: 0 })
    expect(await responses()).toEqual(['a', 'b', 'c', 'x', 'y'])
  })

  it('keeps the key it stood under', async () => {
    const text = `{"p1":${row(['a', null])},"p2":${row(['c', 'd'])}}`
    await importFiles(opened.client, [opened.put('m.json', text)])
    const [reject] = await rejects()
    await changesNothing()
    await retry({ id: reject!.id, text: reject!.raw.replace('null', '"b"') })
    const rows = await exportRows<Exported>(opened.client, join(opened.folder, 'out.jsonl'))
    expect(rows.map(({ response, metadata }) => [response, metadata['$key']])).toEqual([
      ['a', 'p1'],
      ['c', 'p2'],
      ['d', 'p2'],
      ['b', 'p1'],
    ])
  })

  it('does not give its good ones twice where the place of a sample is part of it', async () => {
    const line = (predictions: (string | null)[]) =>
      JSON.stringify({ predictions, test_prompts: predictions.map(() => 'p') })
    await importFiles(opened.client, [
      opened.put('p.jsonl', [line(['a', null, 'c']), line(['d'])].join('\n')),
    ])
    const [{ id } = { id: 0 }] = await rejects()
    await retry({ id, text: line(['a', 'b', 'c']) })
    expect(await counts()).toMatchObject({ read: 4, imported: 4, rejected: 0 })
    expect(await responses()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('rejects of an earlier version, one for every bad element', () => {
  /** Three for the record of three bad elements, as that version stored them, and one of another record. */
  async function three(): Promise<number[]> {
    const file = opened.put('m.jsonl', [row(letters(1, 4, 8)), '{"torn'].join('\n'))
    await importFiles(opened.client, [file])
    const db = new Database(join(opened.workspace, 'cairn.db'))
    db.exec(`
      UPDATE rejects SET traces = 1 WHERE id = 1;
      INSERT INTO rejects (source_id, code, message, row, line, byte_offset, traces, raw)
      SELECT source_id, code, message, row, line, byte_offset, traces, raw FROM rejects, json_each('[1, 2]')
      WHERE rejects.id = 1`)
    db.close()
    return (await rejects()).map(({ id }) => id)
  }

  it('become one when they are tried again', async () => {
    expect(await three()).toHaveLength(4)
    expect(await retry()).toEqual({ read: 4, imported: 0, duplicates: 0, rejected: 4, left: 2 })
    expect(await rejects()).toHaveLength(2)
    expect(await counts()).toMatchObject({ read: 11, imported: 7, duplicates: 0, rejected: 4 })
    await changesNothing()
  })

  it('are mended by whichever of them was mended', async () => {
    await three()
    const texts = (await rejects()).map(({ id, raw }) => ({ id, text: raw }))
    texts[2]!.text = row(letters())
    expect(await retry(...texts)).toEqual({ read: 4, imported: 3, duplicates: 0, rejected: 1, left: 1 })
    expect(await counts()).toMatchObject({ read: 11, imported: 10, duplicates: 0, rejected: 1 })
    expect(await responses()).toEqual([...'abcdefghij'])
  })

  it('are not taken for later ones, which have the ids of those that went', async () => {
    await three()
    await retry()
    const before = await rejects()
    await importFiles(opened.client, [opened.put('other.jsonl', [pair('fine'), '{"torn'].join('\n'))])
    const added = (await rejects()).find(({ file }) => file.endsWith('other.jsonl'))!
    expect(added.id).toBe(3)
    expect(await retry({ id: added.id, text: pair('good') })).toMatchObject({ imported: 1, left: 0 })
    expect(await rejects()).toEqual(before)
    expect(await responses()).toContain('good')
  })
})

describe('a row of a table', () => {
  it.each([
    ['with a field too many', 'prompt,completion\np,one\np,two,more\n', 'p,two,more', 'p,"two,more"'],
    [
      'in a table of tabs',
      `prompt\tcompletion\n${'p\tone\n'.repeat(20)}p\ttwo,more\tand\n`,
      'p\ttwo',
      'p\ttwo,more',
    ],
    ['whose quote is never closed', 'prompt,completion\np,one\np,"two,more', 'p,"two', 'p,"two,more"'],
    ['below a header in quotes', '"prompt","a\nb",completion\np,x,one\np\n', '\np', '\np,x,"two,more"'],
  ])('%s is mended as a row below its header', async (_what, table, found, mended) => {
    await importFiles(opened.client, [opened.put('t.csv', table)])
    const [reject] = await rejects()
    expect(reject).toMatchObject({ code: 'invalid_csv' })
    expect(reject!.raw).toContain(found)
    await changesNothing()
    const header = table.slice(0, table.indexOf('completion') + 'completion'.length)
    await retry({ id: reject!.id, text: `${header}\n${mended.trimStart()}\r\n` })
    expect(await counts()).toMatchObject({ imported: 2, rejected: 0, state: 'complete' })
    expect(await responses()).toEqual(['one', 'two,more'])
  })

  it('in Latin-1 is mended, and says what is wrong while it is not', async () => {
    const table = Buffer.from('prompt,completion\np,one\np,caf\xe9\n', 'latin1')
    await importFiles(opened.client, [opened.put('t.csv', table)])
    const [{ id } = { id: 0 }] = await rejects()
    await changesNothing()
    await retry({ id, text: 'prompt,completion\np,café,au lait' })
    expect((await rejects())[0]!.message).toMatch(/does not have the fields/)
    await retry({ id, text: 'p,café' })
    expect((await rejects())[0]!.message).toMatch(/Expected the header/)
    await retry({ id, text: 'prompt,completion\np,café' })
    expect(await counts()).toMatchObject({ read: 2, imported: 2, rejected: 0 })
    expect(await responses()).toEqual(['café', 'one'])
  })

  it('with a bad element is mended as JSON', async () => {
    const table = 'question,answers\nq,"[""a"",null,""c""]"\n'
    const mapping = { shape: 'fields', fields: { prompt: 'question', response: 'answers[*]' } }
    await importFiles(opened.client, [opened.put('t.csv', table)], { mapping })
    const [reject] = await rejects()
    expect(JSON.parse(reject!.raw)).toEqual({ question: 'q', answers: ['a', null, 'c'] })
    await changesNothing()
    await retry({ id: reject!.id, text: reject!.raw.replace('null', '"b"') })
    expect(await counts()).toMatchObject({ read: 3, imported: 3, duplicates: 0, rejected: 0 })
    expect(await responses()).toEqual(['a', 'b', 'c'])
  })
})

describe('a sample of lm-eval, told once for every filter', () => {
  const sample = (id: number, filter: string, resps = [[`answer ${id}`]]) =>
    JSON.stringify({
      doc_id: id,
      doc: { id },
      target: '3',
      arguments: [['Q', {}]],
      resps,
      filter,
      exact_match: 1,
    })

  it('is mended and does not give its response twice', async () => {
    const lines = ['strict-match', 'flexible-extract'].flatMap((filter) =>
      [0, 1].map((id) => sample(id, filter)),
    )
    const [first, ...others] = lines
    await importFiles(opened.client, [opened.put('s.jsonl', [first!.slice(0, -1), ...others].join('\n'))])
    expect(await counts()).toMatchObject({ read: 3, imported: 2, rejected: 1 })
    const [{ id } = { id: 0 }] = await rejects()
    await retry({ id, text: first! })
    expect(await counts()).toMatchObject({
      read: 3,
      imported: 2,
      duplicates: 1,
      rejected: 0,
      state: 'complete',
    })
    expect(await responses()).toEqual(['answer 0', 'answer 1'])
  })

  it('gives what no other filter gave, and as many responses as it has', async () => {
    const whole = sample(0, 'strict-match', [['same', 'same']])
    await importFiles(opened.client, [
      opened.put('s.jsonl', [whole.slice(0, -1), sample(1, 'strict-match')].join('\n')),
    ])
    const [{ id } = { id: 0 }] = await rejects()
    await retry({ id, text: whole })
    expect(await responses()).toEqual(['answer 1', 'same', 'same'])
  })
})

describe('a text', () => {
  it('is mended as the text it is', async () => {
    const files = [opened.put('t.txt', Buffer.from('Der Gru\xdf, {nicht} JSON.', 'latin1'))]
    await importFiles(opened.client, files, { shape: 'plain_text' })
    const [{ id } = { id: 0 }] = await rejects()
    await changesNothing()
    await retry({ id, text: 'Der Gruß, {nicht} JSON.' })
    expect(await counts()).toMatchObject({ read: 1, imported: 1, rejected: 0 })
    expect(await responses()).toEqual(['Der Gruß, {nicht} JSON.'])
  })
})

describe('what is kept only in part', () => {
  it('stays as it is, and counts for all that it stands for', async () => {
    const whole = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'prompt', data: Array.from({ length: 1000 }, (_, index) => `p${index}`), type: 'STRING' },
          {
            name: 'completion',
            data: Array.from({ length: 1000 }, (_, index) => `c${index}`),
            type: 'STRING',
          },
        ],
        rowGroupSize: 500,
      }),
    )
    const metadata = parquetMetadata(whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length))
    const start = Number(metadata.row_groups[1]?.columns[1]?.meta_data?.data_page_offset)
    whole.fill(0xff, start, start + 200)
    await importFiles(opened.client, [opened.put('t.parquet', whole)])
    expect(await counts()).toMatchObject({ read: 1000, imported: 500, rejected: 500 })
    const [reject] = await rejects()
    expect(reject!.message).toMatch(/mend its file and import that again/)
    await changesNothing()
    await expect(retry({ id: reject!.id, text: pair('one') })).rejects.toMatchObject({ code: 'bad_request' })
    expect(await counts()).toMatchObject({ read: 1000, imported: 500, rejected: 500 })
  })

  it('is not taken for a shorter record', async () => {
    const long = 'word '.repeat(300_000)
    await importFiles(opened.client, [opened.put('m.jsonl', row(['a', null, null, long]))])
    expect(await counts()).toMatchObject({ read: 4, imported: 2, rejected: 2 })
    await changesNothing()
    const [reject] = await rejects()
    await retry({ id: reject!.id, text: row(['a', 'b', 'c', long]) })
    expect(await counts()).toMatchObject({ read: 4, imported: 4, duplicates: 0, rejected: 0 })
  })

  it('is not lost to an empty text', async () => {
    await importFiles(opened.client, [opened.put('m.jsonl', `${pair('one')}\n{"torn\n`)])
    const [{ id } = { id: 0 }] = await rejects()
    expect(await retry({ id, text: ' \n' })).toMatchObject({ imported: 0, rejected: 1 })
    expect(await rejects()).toMatchObject([{ id, raw: '{"torn' }])
  })
})

it('a wrong id stops a retry before anything is done', async () => {
  await importFiles(opened.client, [opened.put('m.jsonl', `${pair('one')}\n{"torn\n`)])
  const [{ id } = { id: 0 }] = await rejects()
  const mended = [
    { id, text: pair('two') },
    { id: 999, text: pair('three') },
  ]
  await expect(retry(...mended)).rejects.toMatchObject({ code: 'not_found' })
  expect(await counts()).toMatchObject({ read: 2, imported: 1, rejected: 1 })
})
