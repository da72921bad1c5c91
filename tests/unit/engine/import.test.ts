import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ImportCounts } from '#shared/contract/imports.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'
import {
  dumpTables,
  ended,
  exportRows,
  importFiles,
  openEngine,
  sampleLines,
  temporaryFolder,
  type ImportResult,
  type TestEngine,
} from './support.ts'

let folder: string
let opened: TestEngine
beforeEach(() => {
  folder = temporaryFolder()
  opened = openEngine(join(folder, 'workspace'))
})
afterEach(async () => {
  await opened.close()
  rmSync(folder, { recursive: true, force: true })
})

const put = (name: string, data: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, data)
  return path
}
const pair = (completion: string, more: object = {}): string =>
  JSON.stringify({ prompt: 'p', completion, ...more })
const addsUp = ({ read, imported, duplicates, rejected }: ImportCounts) => {
  expect(read).toBe(imported + duplicates + rejected)
}
interface Exported {
  response: string
  prompt: string
  run: string
  key: string | null
  metadata: Record<string, unknown>
}
const exported = () => exportRows<Exported>(opened.client, join(folder, 'out.jsonl'))

/** Entries of a folder that are imported as one thing: files, and folders that make records together. */
function inputs(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, entry.name)
    if (/^LICENSE/.test(entry.name)) return []
    if (!entry.isDirectory()) return [path]
    return readdirSync(path).some((name) => /^problem_\d+$/.test(name)) ? [path] : inputs(path)
  })
}

/**
 * All files once, again, and each compressed: nothing but the first adds anything. One job for all of
 * them, because each starts a thread.
 */
async function importThrice(paths: string[], root: string): Promise<ImportResult> {
  const { client } = opened
  const first = await importFiles(client, paths, { run: 'r' })
  for (const result of [first, ...first.files]) addsUp(result)
  expect(first.failures).toEqual([])
  const traces = await client.call('traces.count', {})
  expect(traces).toBe(first.imported)
  const sources = await client.call('workspace.sources', {})
  const again = await importFiles(client, paths, { run: 'r' })
  const sizes = (result: ImportResult) =>
    result.files.map(({ file, read, rejected }) => [
      file.split('/').at(-1)!.replace(/\.gz$/, ''),
      read,
      rejected,
    ])
  expect(again.imported).toBe(0)
  expect(sizes(again)).toEqual(sizes(first))
  // The same files a second time make no second sources.
  expect(await client.call('workspace.sources', {})).toEqual(sources)

  // Folders above a file may name its checkpoint, so they are kept.
  const single = paths.filter((path) => statSync(path).isFile() && !path.endsWith('.eval'))
  const packed = single.map((path) => {
    const gz = join(folder, 'packed', `${relative(root, path)}.gz`)
    mkdirSync(dirname(gz), { recursive: true })
    writeFileSync(gz, gzipSync(readFileSync(path), { level: 1 }))
    return gz
  })
  const compressed = await importFiles(client, packed, { run: 'r' })
  for (const result of compressed.files) addsUp(result)
  expect(compressed.files.filter(({ imported }) => imported > 0)).toEqual([])
  const names = new Set(single.map((path) => path))
  expect(sizes(compressed)).toEqual(
    sizes({ ...first, files: first.files.filter(({ file }) => names.has(file)) }),
  )
  expect(await client.call('traces.count', {})).toBe(traces)
  expect(await client.call('workspace.check', {})).toEqual({ ok: true, problems: [] })
  return first
}

const FIXTURES = join(import.meta.dirname, '../../fixtures/shapes')

it('every fixture imports, once', async () => {
  const files = readdirSync(FIXTURES).map((name) => join(FIXTURES, name))
  const { files: results, rejected } = await importThrice(files, FIXTURES)
  expect(results.map(({ file }) => file)).toEqual(files)
  expect(results.filter(({ read }) => read === 0)).toEqual([])
  // A conversation without an answer, and two requests that failed.
  expect(rejected).toBe(3)
})

describe.skipIf(!hasSharedData)('real files', () => {
  /** Problems without responses, and a log whose only sample failed: no rollouts, and said to be none. */
  const WITHOUT_TRACES = /countdown_problems_list_column|log_tool_call_error/

  it('all import, once', async () => {
    const all = [...inputs(join(SHARED_DATA, 'traces')), ...inputs(join(SHARED_DATA, 'formats'))]
    const { files, imported } = await importThrice(
      all.filter((file) => !WITHOUT_TRACES.test(file)),
      SHARED_DATA,
    )
    expect(imported).toBeGreaterThan(8000)
    for (const { file, read, rejected } of files) {
      expect(read, file).toBeGreaterThan(0)
      expect(rejected, file).toBe(0)
    }
  })

  it('without traces are said to be so', async () => {
    const all = inputs(join(SHARED_DATA, 'formats')).filter((file) => WITHOUT_TRACES.test(file))
    expect(all).toHaveLength(2)
    const result = await importFiles(opened.client, all)
    addsUp(result)
    expect(result.imported).toBe(0)
    expect(result.failures.length + result.rejected).toBeGreaterThanOrEqual(2)
  })
})

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
    const file = put('bad.jsonl', Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])))
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
    const file = put('bad.jsonl.gz', gzipSync(text))
    await importFiles(opened.client, [file])
    const [reject] = await opened.client.call('imports.rejects', {})
    expect(text.slice(reject!.offset!, reject!.offset! + reject!.raw.length)).toBe(reject!.raw)
  })

  it('at the end of a file are told from a file that was cut off', async () => {
    const file = put('cut.jsonl', `${pair('one')}\n${pair('two').slice(0, -5)}`)
    expect(await importFiles(opened.client, [file])).toMatchObject({ read: 2, imported: 1, rejected: 1 })
    expect((await opened.client.call('imports.rejects', {}))[0]!.code).toBe('torn_record')
  })

  it('can be mended: counts add up afterwards and the traces are there', async () => {
    const { client } = opened
    const file = put(
      'mend.jsonl',
      [pair('one'), '{"prompt":"p","completion":"tw', '{"torn', pair('four')].join('\n'),
    )
    await importFiles(client, [file])
    const [first, second] = await client.call('imports.rejects', {})
    const again = await client.call('imports.retry', { replacements: [{ id: first!.id, text: pair('two') }] })
    expect(again).toEqual({ read: 1, imported: 1, duplicates: 0, rejected: 0 })
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
    const file = put(
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
    const file = put('run.jsonl', `${pair('one', { model: 'theirs' })}\n{"torn\n`)
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
    const file = put('half.jsonl', lines.join('\n'))
    const job = await cancelMidway([file])
    const [source] = await client.call('workspace.sources', {})
    expect(source!.state).toBe('importing')
    const [reject] = await client.call('imports.rejects', {})
    await client.call('imports.retry', { replacements: [{ id: reject!.id, text: pair('mended') }] })
    await ended(client, await client.call('jobs.resume', { id: job }))
    expect(await client.call('traces.count', {})).toBe(1500)
  })
})

/** Starts an import, cancels it after its first committed batch, and answers the job's id. */
async function cancelMidway(files: string[], run = 'r'): Promise<number> {
  const { client } = opened
  const job = await client.call('imports.start', { paths: files, run })
  await expect
    .poll(() => client.call('traces.count', {}), { interval: 1, timeout: 20_000 })
    .toBeGreaterThan(0)
  const { state } = await client.call('jobs.cancel', { id: job.id })
  expect(state).toBe('cancelled')
  return job.id
}

describe('odd contents', () => {
  it('survive store and export exactly', async () => {
    const texts = [
      'lone \ud800 high',
      'lone \udc00 low, pair 😀, \ud83d',
      '\ud800\ud800\udc00',
      '\u0000 NUL \u0000',
      '\u2028 line \u2029 separators \u0085',
      '\ufeffBOM \ufffd replacement',
      '\'; DROP TABLE traces; -- " ` \\ %s ${x} {{y}}',
      '<script>alert(1)</script><img src=x onerror=alert(1)>&amp;',
      ' leading and trailing \n\n\t ',
      '\uE000private\uE001',
      'e\u0301 ≠ é, ﬁ, İ, ß',
      '…'.repeat(100_000),
    ]
    const rows = texts.map((text, index) => ({
      id: text.slice(0, 50) || index,
      prompt: text,
      completion: text,
      [text.slice(0, 40)]: text,
      nested: { [text.slice(0, 40)]: [text, { deep: text }] },
    }))
    const file = put('odd.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))
    const result = await importFiles(opened.client, [file])
    expect(result).toMatchObject({ read: texts.length, imported: texts.length, rejected: 0 })
    const out = await exported()
    expect(out.map(({ response }) => response)).toEqual(texts)
    expect(out.map(({ prompt }) => prompt)).toEqual(texts)
    for (const [index, { metadata }] of out.entries()) {
      const { prompt: _p, completion: _c, id: _id, ...rest } = rows[index]!
      expect(metadata).toMatchObject(rest)
    }
    for (const [index, text] of texts.entries()) {
      const { response, row } = await opened.client.call('traces.get', { id: index + 1 })
      expect(response).toBe(text)
      expect(row.length).toBe([...text].length)
    }
    expect(await opened.client.call('workspace.check', {})).toEqual({ ok: true, problems: [] })
  })

  it('keys that name prototypes are data', async () => {
    const file = put(
      'proto.jsonl',
      '{"prompt":"p","completion":"c","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":3,"hasOwnProperty":4}\n',
    )
    expect(await importFiles(opened.client, [file])).toMatchObject({ imported: 1, rejected: 0 })
    const text = readFileSync(join(folder, 'proto.jsonl'), 'utf8')
    const [row] = await exported()
    const metadata = JSON.stringify(row!.metadata)
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(metadata, text).toContain(`"${key}":`)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('NaN and infinities are read as Python writes them, and numbers beyond a double are not made null', async () => {
    const file = put(
      'nan.jsonl',
      '{"prompt":"p","completion":"a","score":NaN,"loss":-Infinity}\n{"prompt":"p","completion":"b","score":1e999}\n',
    )
    expect(await importFiles(opened.client, [file])).toMatchObject({ imported: 2, rejected: 0 })
    const [a, b] = await exported()
    expect(a!.metadata).toMatchObject({ score: 'NaN', loss: '-Infinity' })
    expect(b!.metadata['score']).not.toBeNull()
  })

  it('ids may be numbers, texts or huge', async () => {
    const ids = ['7', '"7"', '12345678901234567890', '1.5', '-1', '"a/b c"', 'null', 'true', '{"x":1}']
    const file = put(
      'ids.jsonl',
      ids.map((id, index) => `{"id":${id},"prompt":"p","completion":"c${index}"}`).join('\n'),
    )
    expect(await importFiles(opened.client, [file])).toMatchObject({ imported: ids.length, rejected: 0 })
    const keys = (await exported()).map(({ key }) => key)
    expect(keys.slice(0, 2)).toEqual(['7', '7'])
    expect(keys[2]).toBe('12345678901234567890')
    expect(keys[5]).toBe('a/b c')
  })

  it('numbers that fit no column cost at most themselves', async () => {
    const odd = [
      { sample: 1.5 },
      { sample: 1e300 },
      { step: 1e308 },
      { reward: -0 },
      { tokens: 0.5 },
      { sample: 2 ** 53 },
    ]
    const file = put('numbers.jsonl', odd.map((more, index) => pair(`c${index}`, more)).join('\n'))
    const result = await importFiles(opened.client, [file])
    addsUp(result)
    expect(result.imported).toBe(odd.length)
  })

  it('records that agree in everything count once', async () => {
    const lines = [pair('a'), pair('a'), pair('b'), pair('a', { id: 1 }), pair('a', { extra: 1 }), pair('b')]
    const file = put('twice.jsonl', lines.join('\n'))
    expect(await importFiles(opened.client, [file])).toMatchObject({ read: 6, imported: 4, duplicates: 2 })
  })

  it('a line of 30 MB is a trace like any other', async () => {
    const long = 'wait, let me check. '.repeat(1_500_000)
    const file = put('long.jsonl', [pair('a'), pair(long), pair('b')].join('\n'))
    expect(await importFiles(opened.client, [file])).toMatchObject({ read: 3, imported: 3, rejected: 0 })
    expect((await opened.client.call('traces.get', { id: 2 })).response === long).toBe(true)
  })

  it('an empty file, a file of blank lines and a file of nothing known are named', async () => {
    const files = [put('empty.jsonl', ''), put('blank.jsonl', '\n\n \n'), put('known.json', '[1,2,3]')]
    const result = await importFiles(opened.client, [...files, put('good.jsonl', pair('a'))])
    expect(result).toMatchObject({ read: 1, imported: 1 })
    const told = JSON.stringify([result.failures, result.skipped, result.files])
    for (const file of files) expect(told).toContain(file.split('/').at(-1))
  })
})

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
    const file = put(
      'change.jsonl',
      Array.from({ length: 1500 }, (_, index) => pair(`${index} ${long}`)).join('\n'),
    )
    const id = await cancelMidway([file])
    const before = await client.call('traces.count', {})
    expect(before).toBeLessThan(1500)
    writeFileSync(file, `${pair('new')}\n`)
    const { result } = await ended(client, await client.call('jobs.resume', { id }))
    expect((result as unknown as ImportResult).failures[0]).toMatchObject({ code: 'source_changed' })
    expect(await client.call('traces.count', {})).toBe(before)
  })
})
