import { execFileSync } from 'node:child_process'
import { readdirSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openContainer, sampleRecords } from '#engine/importers/containers/index.ts'
import { collect, values } from '../containers/support.ts'
import { inputFolder, lines } from './input-folder.ts'
import { zipOf } from './support.ts'

const { here, readOnly, resolve, write } = inputFolder()

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
    const root = join(here.folder, 'runs')
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

  it('passes over a workspace below, whole, and of one that was named what Cairn wrote', async () => {
    const ours = [
      'cairn.db',
      'cairn.db-wal',
      'cairn.db-shm',
      'cairn.lock',
      'cairn.lock-journal',
      'cairn.lock.holder',
    ]
    for (const name of [...ours, 'models/own/config.json', 'kept.jsonl']) write(`runs/study/${name}`, '{}')
    write('runs/a.jsonl', '{}')
    write('runs/cairn.dbx.jsonl', '{}')
    const names = async (path: string) => {
      const root = join(here.folder, path)
      const { files, skipped } = await resolve([root])
      const below = ({ name }: { name: string }) => name.slice(root.length + 1)
      expect(new Set(skipped.map(({ reason }) => reason))).toEqual(new Set(['a Cairn workspace']))
      return { files: files.map(below), skipped: skipped.map(below).sort() }
    }
    expect(await names('runs')).toEqual({ files: ['a.jsonl', 'cairn.dbx.jsonl'], skipped: ['study'] })
    expect(await names('runs/study')).toEqual({
      files: ['kept.jsonl'],
      skipped: [...ours, 'models'].sort(),
    })
  })

  it('reads a file once, follows links once, and survives a bad file inside', async () => {
    const path = write('runs/a.jsonl', lines(2))
    write('runs/bad.zip', 'PK\x03\x04 not really')
    symlinkSync(join(here.folder, 'runs'), join(here.folder, 'runs/loop'))
    const { files, skipped } = await resolve([path, join(here.folder, 'runs')])
    expect(files).toHaveLength(1)
    expect(skipped.map(({ reason }) => reason.slice(0, 14)).sort()).toEqual([
      'a folder that ',
      'already listed',
      'cannot be read',
    ])
  })

  it('throws for what the user named and cannot be read', async () => {
    await expect(resolve([join(here.folder, 'none.jsonl')])).rejects.toMatchObject({
      code: 'input_unreadable',
    })
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

  it('a cut document gives its whole elements and where it broke', async () => {
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
    expect(rejects).toEqual([])
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
  ])('a cut %s stream gives its whole records and where it broke', async (_, bytes) => {
    const path = write('data.gz', bytes)
    truncateSync(path, Math.floor(bytes.length * 0.9))
    const { records, rejects, error } = await readOnly(path)
    expect(records.length).toBeGreaterThan(9000)
    expect(values({ records, documents: [], rejects, error })).toEqual(
      records.map((_, id) => ({ id, text: `line ${id * 7919}` })),
    )
    expect(rejects).toEqual([])
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
    const pipe = join(here.folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const [, all] = await Promise.all([
      import('node:fs/promises').then((fs) => fs.writeFile(pipe, lines(10))),
      readOnly(pipe),
    ])
    expect(all.records).toHaveLength(10)
  })
})
