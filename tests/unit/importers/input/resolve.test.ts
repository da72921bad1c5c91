import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openContainer, sampleRecords } from '#engine/importers/containers/index.ts'
import { resolveInputs } from '#engine/importers/input/resolve.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'
import { collect, values } from '../containers/support.ts'
import { zipOf } from './support.ts'

let folder: string
let tempDir: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-input-'))
  tempDir = join(folder, '.spool')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, data: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, data)
  return path
}

const resolve = (paths: readonly string[], stdin?: NodeJS.ReadableStream) =>
  resolveInputs(paths, { tempDir, ...(stdin ? { stdin } : {}) })

/** Reads the only input of a path through its container. */
async function readOnly(path: string, stdin?: NodeJS.ReadableStream) {
  const { files } = await resolve([path], stdin)
  expect(files).toHaveLength(1)
  const { container, batches } = await openContainer(files[0]!)
  return { file: files[0]!, container, ...(await collect(batches)) }
}

const lines = (count: number): string =>
  Array.from({ length: count }, (_, id) => `{"id":${id},"text":"line ${id * 7919}"}\n`).join('')

describe('directories', () => {
  it('lists data in natural order and says what it passed over', async () => {
    for (const name of [
      'step_10/e.jsonl',
      'step_2/e.jsonl',
      'a.json',
      'README.md',
      'LICENSE',
      'LICENSE.mr-ben',
      '.hidden',
      'plot.png',
      'x/train.py',
    ]) {
      write(join('runs', name), '{}')
    }
    const root = join(folder, 'runs')
    const { files, skipped } = await resolve([root])
    expect(files.map((file) => file.name.slice(root.length + 1))).toEqual([
      'a.json',
      'step_2/e.jsonl',
      'step_10/e.jsonl',
    ])
    expect(
      Object.fromEntries(skipped.map(({ name, reason }) => [name.slice(root.length + 1), reason])),
    ).toEqual({
      '.hidden': 'hidden file',
      LICENSE: 'documentation',
      'LICENSE.mr-ben': 'documentation',
      'README.md': 'documentation',
      'plot.png': 'an image or recording',
      'x/train.py': 'program code',
    })
  })

  it('reads a file once, follows links once, and survives a bad file inside', async () => {
    const path = write('runs/a.jsonl', lines(2))
    write('runs/bad.zip', 'PK\x03\x04 not really')
    symlinkSync(join(folder, 'runs'), join(folder, 'runs/loop'))
    const { files, skipped } = await resolve([path, join(folder, 'runs')])
    expect(files).toHaveLength(1)
    expect(skipped.map(({ reason }) => reason.slice(0, 14)).sort()).toEqual([
      'a folder that ',
      'already listed',
      'cannot be read',
    ])
  })

  it('throws for what the user named and cannot be read', async () => {
    await expect(resolve([join(folder, 'none.jsonl')])).rejects.toMatchObject({ code: 'input_unreadable' })
    await expect(resolve([write('x.zip', 'PK\x03\x04 not really')])).rejects.toMatchObject({
      code: 'input_unreadable',
    })
    await expect(resolve([write('x.tar.bz2', 'BZh91AY')])).rejects.toMatchObject({ code: 'input_unreadable' })
    await expect(resolve([])).rejects.toMatchObject({ code: 'bad_request' })
    await expect(resolve(['-'])).rejects.toMatchObject({ code: 'bad_request' })
  })
})

describe('compression', () => {
  const source = lines(20_000)
  const half = source.slice(0, source.indexOf('\n', source.length / 2) + 1)
  const other = source.slice(half.length)

  it.each([
    ['gzip', gzipSync(source)],
    ['gzip of two members', Buffer.concat([gzipSync(half), gzipSync(other)])],
    ['zstd', zstdCompressSync(source)],
    ['zstd of two frames', Buffer.concat([zstdCompressSync(half), zstdCompressSync(other)])],
    ['zstd of many frames', Buffer.concat(source.split(/(?<=0\n)/).map((part) => zstdCompressSync(part)))],
    ['gzip in zstd', zstdCompressSync(gzipSync(source))],
    ['gzip in zip', zipOf([{ name: 'run.jsonl.gz', data: gzipSync(source), method: 0 }])],
    ['zip', zipOf([{ name: 'run.jsonl', data: source }])],
    ['zip with zstd', zipOf([{ name: 'run.jsonl', data: source, method: 93 }])],
    ['zip in zip', zipOf([{ name: 'inner.zip', data: zipOf([{ name: 'run.jsonl', data: source }]) }])],
  ])('%s is recognised by content and read again from any record', async (_, bytes) => {
    const path = write('data.bin', bytes)
    const { file, container, records, rejects, error } = await readOnly(path)
    expect([container, rejects, error]).toEqual(['jsonl', [], null])
    expect(records).toHaveLength(20_000)
    const start = records[12_345]!.at
    const again = await collect((await openContainer(file, { container: 'jsonl', start })).batches)
    expect(again.records[0]).toMatchObject({ value: { id: 12_345 }, at: start })
    expect(again.records).toHaveLength(20_000 - 12_345)
  })

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('%s documents are read in several passes', async (_, compress) => {
    const rows = Array.from({ length: 40_000 }, (_, id) => ({
      id,
      text: `line ${id * 7919} ${'x'.repeat(100)}`,
    }))
    const columns = { prompt: rows.map((row) => row.text), response: rows.map((row) => String(row.id)) }
    const object = await readOnly(
      write('object', compress(JSON.stringify({ name: 'x', results: rows, seed: 1 }))),
    )
    expect(object.documents.map((record) => record.value)).toEqual([{ $document: { name: 'x', seed: 1 } }])
    expect(values(object)).toEqual(rows)
    const table = await readOnly(write('columns', compress(JSON.stringify(columns))))
    expect(values(table)).toEqual(rows.map((row) => ({ prompt: row.text, response: String(row.id) })))
  })

  it('a cut document gives its elements and where it broke', async () => {
    const bytes = gzipSync(
      JSON.stringify({
        name: 'x',
        results: source
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      }),
    )
    const { records, rejects, error } = await readOnly(
      write('data.gz', bytes.subarray(0, bytes.length * 0.9)),
    )
    expect(records.length).toBeGreaterThan(9000)
    expect(records.map((record) => (record.value as { id: number }).id)).toEqual(
      records.map((_, index) => index),
    )
    expect(rejects.map((reject) => reject.code)).toEqual(['torn_record'])
    expect(error).toMatchObject({ code: 'input_unreadable' })
  })

  it.skipIf(process.platform !== 'linux')('leaves no file open when reading is given up', async () => {
    const paths = [
      write('a.jsonl', source),
      write('b.gz', gzipSync(source)),
      write('c.json', JSON.stringify({ results: [{ a: source }, { a: source }], name: source.repeat(4) })),
      write('d.zip', zipOf([{ name: 'x.jsonl', data: source }])),
      write('e.csv', `a,b\n${'1,2\n'.repeat(100_000)}`),
    ]
    const open = (): number => readdirSync('/proc/self/fd').length
    const { files } = await resolve(paths)
    await sampleRecords(files[0]!, 1)
    const before = open()
    for (let turn = 0; turn < 3; turn++) for (const file of files) await sampleRecords(file, 1)
    await new Promise((done) => setTimeout(done, 50))
    expect(open()).toBeLessThanOrEqual(before)
  })

  it.each([
    ['gzip', gzipSync(source)],
    ['zstd', zstdCompressSync(source)],
  ])('a cut %s stream gives its records, the torn one and where it broke', async (_, bytes) => {
    const path = write('data.gz', bytes)
    truncateSync(path, Math.floor(bytes.length * 0.9))
    const { records, rejects, error } = await readOnly(path)
    expect(records.length).toBeGreaterThan(9000)
    expect(values({ records, documents: [], rejects, error })).toEqual(
      records.map((_, id) => ({ id, text: `line ${id * 7919}` })),
    )
    expect(rejects.map((reject) => reject.code)).toEqual(['torn_record'])
    const last = records.at(-1)!
    const offset = (error as { details: { offset: number } }).details.offset
    expect(error).toMatchObject({ code: 'input_unreadable' })
    expect(offset).toBeGreaterThan(last.at.offset ?? Infinity)
  })

  it('a damaged gzip stream ends in a typed error after what is whole', async () => {
    const bytes = gzipSync(lines(200_000))
    const middle = bytes.length >> 1
    bytes.fill(0xff, middle, middle + 50)
    const { records, error } = await readOnly(write('data.gz', bytes))
    expect(records.length).toBeGreaterThan(50_000)
    expect(error).toMatchObject({ code: 'input_unreadable' })
  })

  it('a small file that expands enormously is streamed', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(512 * 1024 * 1024, ' '))
    const { files } = await resolve([write('bomb.zst', bomb)])
    const before = process.memoryUsage().rss
    let length = 0
    let peak = 0
    for await (const chunk of files[0]!.open()) {
      length += chunk.length
      peak = Math.max(peak, process.memoryUsage().rss - before)
    }
    expect(length).toBe(512 * 1024 * 1024)
    expect(peak).toBeLessThan(300 * 1024 * 1024)
  })

  it('reports progress on disk up to the size', async () => {
    const { files } = await resolve([write('a.jsonl.gz', gzipSync(source))])
    let read = 0
    await collect((await openContainer(files[0]!, { onRead: (bytes) => (read = bytes) })).batches)
    expect(read).toBe(files[0]!.size)
  })
})

describe('archives', () => {
  it('lists members in natural order and refuses tricks by name', async () => {
    const path = write(
      'runs.zip',
      zipOf([
        { name: 'step_10.jsonl', data: lines(1) },
        { name: 'step_2.jsonl', data: lines(2) },
        { name: '../../etc/passwd', data: lines(3) },
        { name: '/abs.jsonl', data: lines(3) },
        { name: 'README.md', data: 'x' },
        { name: '__MACOSX/._step_2.jsonl', data: 'x' },
        { name: 'old.jsonl', data: 'x', method: 12 },
        { name: 'dir/', data: '', method: 0 },
      ]),
    )
    const { files, skipped } = await resolve([path])
    expect(files.map((file) => file.name)).toEqual([`${path}!step_2.jsonl`, `${path}!step_10.jsonl`])
    expect(skipped.map(({ name }) => name.slice(path.length + 1)).sort()).toEqual(
      ['../../etc/passwd', '/abs.jsonl', 'README.md', '__MACOSX/._step_2.jsonl', 'old.jsonl'].sort(),
    )
    expect(files.map((file) => file.path)).toEqual([path, path])
  })

  it('notices a damaged member', async () => {
    const bytes = zipOf([{ name: 'a.jsonl', data: lines(100), method: 0 }])
    bytes[100] = 0x41
    const { records, error } = await readOnly(write('a.zip', bytes))
    expect(records.length).toBeGreaterThan(50)
    expect(error).toMatchObject({ code: 'input_unreadable' })
  })

  it('takes an Inspect log for one file, samples in any compression, the last of a name', async () => {
    const sample = (id: number): string => JSON.stringify({ id, messages: [] })
    const log = zipOf([
      { name: '_journal/start.json', data: '{}' },
      { name: 'samples/10_epoch_1.json', data: sample(10), method: 93 },
      { name: 'samples/2_epoch_1.json', data: sample(1) },
      { name: 'samples/2_epoch_1.json', data: sample(2), method: 0 },
      { name: 'samples/3_epoch_1.json', data: '{"id":' },
      { name: 'samples/4_epoch_1.json', data: 'x', method: 12 },
      { name: 'header.json', data: '{"status":"success"}' },
    ])
    for (const data of [log, zipOf([{ name: 'logs/a.eval', data: log }]), gzipSync(log)]) {
      const all = await readOnly(write('log.bin', data))
      expect(all.container).toBe('inspect_eval')
      expect(all.documents.map((record) => record.value)).toEqual([{ $document: { status: 'success' } }])
      expect(values(all)).toEqual([
        { id: 2, messages: [] },
        { id: 10, messages: [] },
      ])
      expect(all.rejects.map((reject) => [reject.code, /samples\/\d/.exec(reject.message)?.[0]])).toEqual([
        ['torn_record', 'samples/3'],
        ['invalid_record', 'samples/4'],
      ])
    }
  })

  it('reads the journal of a run that was killed', async () => {
    const all = await readOnly(
      write(
        'log.eval',
        zipOf([
          { name: '_journal/start.json', data: '{"eval":{"model":"m"}}' },
          { name: 'samples/1_epoch_1.json', data: '{"id":1}' },
        ]),
      ),
    )
    expect(all.documents.map((record) => record.value)).toEqual([{ $document: { eval: { model: 'm' } } }])
    expect(values(all)).toEqual([{ id: 1 }])
  })
})

describe('standard input and pipes', () => {
  it('spools standard input so that it can be read again', async () => {
    for (const bytes of [
      Buffer.from(lines(100)),
      gzipSync(lines(100)),
      zipOf([{ name: 'a.jsonl', data: lines(100) }]),
    ]) {
      const { files } = await resolve(['-'], Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]))
      expect(files[0]).toMatchObject({ path: null })
      for (let turn = 0; turn < 2; turn++) {
        expect((await collect((await openContainer(files[0]!)).batches)).records).toHaveLength(100)
      }
    }
  })

  it.skipIf(process.platform === 'win32')('reads a named pipe', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const [, all] = await Promise.all([
      import('node:fs/promises').then((fs) => fs.writeFile(pipe, lines(10))),
      readOnly(pipe),
    ])
    expect(all.records).toHaveLength(10)
  })
})

describe('problem folders', () => {
  const parts = {
    base_solution: { solution: 's' },
    problem: { level: 'Level 5' },
    chunks_labeled: [{ chunk: 'c' }],
  }
  const put = (base: string): void => {
    for (const [role, value] of Object.entries(parts)) write(`${base}/${role}.json`, JSON.stringify(value))
    write(`${base}/summary.json`, '{}')
  }

  it('joins the files of a problem into one record and lists the others', async () => {
    put('m/problem_10')
    put('m/problem_2')
    write('m/other.jsonl', lines(1))
    write('m/problem_3/problem.json', '{}')
    const { files, skipped } = await resolve([join(folder, 'm')])
    expect(files.map((file) => [file.name.slice(folder.length + 3), file.container])).toEqual([
      ['other.jsonl', undefined],
      ['problem_2', 'thought_anchors'],
      ['problem_3/problem.json', undefined],
      ['problem_10', 'thought_anchors'],
    ])
    expect(skipped.map(({ reason }) => reason)).toEqual(['not trace data', 'not trace data'])
    const all = await collect((await openContainer(files[1]!)).batches)
    expect(values(all)).toEqual([{ folder: files[1]!.name, ...parts }])
  })

  it('works inside an archive and names the file that is broken', async () => {
    const entries = Object.entries(parts).map(([role, value]) => ({
      name: `p/${role}.json`,
      data: JSON.stringify(value),
    }))
    expect(values(await readOnly(write('a.zip', zipOf(entries))))).toMatchObject([parts])
    entries[1]!.data = '{"level"'
    const broken = await readOnly(write('b.zip', zipOf(entries)))
    expect(broken.rejects).toMatchObject([{ code: 'torn_record' }])
    expect(broken.rejects[0]!.message).toContain('p/problem.json')
  })
})

describe.skipIf(!hasSharedData)('real data', () => {
  it('resolves the whole collection without losing a file', async () => {
    const { files, skipped } = await resolve([SHARED_DATA])
    const folders = files.filter((file) => file.container === 'thought_anchors')
    expect(folders).toHaveLength(20)
    const listed = files.length - folders.length + 3 * folders.length + skipped.length
    const all = execFileSync('find', [SHARED_DATA, '-type', 'f']).toString().trim().split('\n')
    expect(listed).toBe(all.length)
    for (const file of files) {
      const { records, rejects, error } = await collect((await openContainer(file)).batches)
      expect([file.name, rejects, error]).toEqual([file.name, [], null])
      expect(records.length).toBeGreaterThan(0)
    }
  })

  it('reads an Inspect log like its JSON form', async () => {
    const zipped = await readOnly(join(SHARED_DATA, 'formats/inspect/log_formats.eval'))
    const plain = JSON.parse(readFileSync(join(SHARED_DATA, 'formats/inspect/log_formats.json'), 'utf8')) as {
      samples: { id: number; target: string }[]
    }
    expect(zipped.container).toBe('inspect_eval')
    expect(zipped.records).toHaveLength(plain.samples.length)
    expect(zipped.records[0]!.value).toMatchObject({
      id: plain.samples[0]!.id,
      target: plain.samples[0]!.target,
    })
  })
})
