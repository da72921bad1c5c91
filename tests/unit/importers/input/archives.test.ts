import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openContainer } from '#engine/importers/containers/index.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'
import { collect, values } from '../containers/support.ts'
import { inputFolder, lines } from './input-folder.ts'
import { zipOf } from './support.ts'

const { here, readOnly, resolve, write } = inputFolder()

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
    const { files, skipped } = await resolve([join(here.folder, 'm')])
    expect(files.map((file) => [file.name.slice(here.folder.length + 3), file.container])).toEqual([
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
