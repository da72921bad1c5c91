import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readJson } from '#engine/importers/containers/json.ts'
import { RAW_LIMIT } from '#engine/importers/types.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'
import { collect, memoryFile, realFile, values } from './support.ts'

const jsonObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
const chunking = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 })
const read = (source: string | Uint8Array, sizes: readonly number[] = []) =>
  collect(readJson(memoryFile(source, sizes)))

describe('readJson: arrays', () => {
  it('gives back any array of objects with the offsets of their bytes, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(jsonObject),
        chunking,
        fc.constantFrom(undefined, 2, '\t'),
        async (objects, sizes, indent) => {
          const source = Buffer.from(JSON.stringify(objects, null, indent))
          const { records, rejects } = await collect(readJson(memoryFile(source, sizes)))
          expect(rejects).toEqual([])
          expect(records.map((record) => record.value)).toEqual(JSON.parse(source.toString()))
          for (const { at, raw, value } of records) {
            const bytes = source.subarray(at.offset ?? 0, (at.offset ?? 0) + (raw?.length ?? 0))
            expect(JSON.parse(bytes.toString())).toEqual(value)
            expect(at.line).toBe(source.subarray(0, at.offset ?? 0).filter((byte) => byte === 10).length + 1)
          }
        },
      ),
    )
  })

  it('never fails and never reads an element twice, whatever is damaged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ id: fc.nat(), text: fc.string() }), { minLength: 1, maxLength: 6 }),
        chunking,
        fc.nat(),
        fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', 'x', '\n'),
        async (objects, sizes, where, damage) => {
          const source = JSON.stringify(objects, null, 1)
          const at = where % source.length
          const { records, error } = await read(source.slice(0, at) + damage + source.slice(at + 1), sizes)
          expect(error).toBeNull()
          const offsets = records.map((record) => record.at.offset ?? -1)
          expect([...offsets].sort((a, b) => a - b)).toEqual(offsets)
          expect(new Set(offsets).size).toBe(offsets.length)
        },
      ),
    )
  })

  it('reads mixed shapes, scalars and nested arrays as they stand, without a document record', async () => {
    const { records, documents } = await read('[{"hyper":1}, {"b":[{"c":"]"}]}, 3, "x", [1], null]')
    expect(values({ records, documents, rejects: [], error: null })).toEqual([
      { hyper: 1 },
      { b: [{ c: ']' }] },
      3,
      'x',
      [1],
      null,
    ])
    expect(documents).toEqual([])
  })

  it.each([
    ['a wrong token', '[{"id":1,"t":"a"},{"id":oops,"t":"b"},{"id":3,"t":"c"}]'],
    ['a quote missing at the end', '[{"id":1,"t":"a"},{"id":2,"t":"b},{"id":3,"t":"c"}]'],
    ['a quote missing at the beginning', '[{"id":1,"t":"a"},{"id":2,"t":b"},{"id":3,"t":"c"}]'],
    ['a quote that should be escaped', '[{"id":1,"t":"a"},{"id":2,"t":"b"b"},{"id":3,"t":"c"}]'],
    ['a bracket missing', '[{"id":1,"t":"a"},{"id":2,"t":["b"},{"id":3,"t":"c"}]'],
    ['a brace missing', '[{"id":1,"t":"a"},{"id":2,"t":"b",{"id":3,"t":"c"}]'],
    ['a comma missing inside', '[{"id":1,"t":"a"},{"id":2 "t":"b"},{"id":3,"t":"c"}]'],
    [
      'laid out, a quote missing',
      '[\n  {\n    "id": 1,\n    "t": "a"\n  },\n  {\n    "id": 2,\n    "t": "b\n  },\n  {\n    "id": 3,\n    "t": "c"\n  }\n]',
    ],
    ['laid out, a brace missing', '[\n  {\n    "id": 1\n  },\n  {\n    "id": 2,\n  {\n    "id": 3\n  }\n]'],
  ])('costs only the element: %s', async (_, source) => {
    for (const sizes of [[], [1], [5, 11]]) {
      const { records, rejects } = await read(source, sizes)
      expect(records.map((record) => (record.value as { id: number }).id)).toEqual([1, 3])
      expect(rejects).toHaveLength(1)
      expect(rejects[0]!.at.row).toBe(1)
      const raw = Buffer.from(rejects[0]!.raw)
      expect(source.slice(rejects[0]!.at.offset ?? 0).startsWith(raw.toString())).toBe(true)
      const last = records[1]!.at
      expect(source[last.offset ?? 0]).toBe('{')
      expect(last.line).toBe(source.slice(0, last.offset ?? 0).split('\n').length)
    }
  })

  it('keeps the complete elements of a torn document', async () => {
    const source = '[{"a":1},{"a":2},{"a":"thr'
    const torn = await read(source)
    expect(values(torn)).toEqual([{ a: 1 }, { a: 2 }])
    expect(torn.rejects.map((reject) => [reject.code, reject.at.offset, reject.traces])).toEqual([
      ['torn_record', 17, 1],
    ])
    const between = await read('[{"a":1},{"a":2}')
    expect(values(between)).toEqual([{ a: 1 }, { a: 2 }])
    expect(between.rejects.map((reject) => [reject.code, reject.traces])).toEqual([['torn_record', 0]])
    expect((await read('[12, 3')).rejects.map((reject) => reject.code)).toEqual(['torn_record'])
  })

  it('passes an element over the limit with its head only', async () => {
    const long = `{"a":"${'x,]}'.repeat(RAW_LIMIT)}"}`
    const source = `[{"a":1},${long},{"a":3}]`
    for (const sizes of [[], [65536]]) {
      const { records, rejects } = await collect(
        readJson(memoryFile(source, sizes), { recordLimit: 2 * RAW_LIMIT }),
      )
      expect(records.map((record) => [record.value, record.at.offset])).toEqual([
        [{ a: 1 }, 1],
        [{ a: 3 }, 10 + long.length],
      ])
      expect(rejects).toMatchObject([{ code: 'record_too_large', at: { row: 1, offset: 9 } }])
      expect(rejects[0]!.raw.length).toBe(RAW_LIMIT)
    }
  })

  it('resumes at a row with the same places', async () => {
    const source = '[{"a":1},\n{"a":2},\n{"a":3}]'
    const whole = await read(source)
    const rest = await collect(readJson(memoryFile(source), { start: whole.records[1]!.at }))
    expect(rest.records).toEqual(whole.records.slice(1))
  })

  it('takes NaN, UTF-16 and deep nesting like lines do', async () => {
    expect(values(await read('[{"a":NaN}]'))).toEqual([{ a: 'NaN' }])
    const text = '{"results":[{"a":"思"},{"a":"😀"}],"name":"x"}'
    const utf16 = await read(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]), [3])
    expect(values(utf16)).toEqual([{ a: '思' }, { a: '😀' }])
    expect(utf16.records.map((record) => record.at.offset)).toEqual(
      ['{"a":"思', '{"a":"😀'].map((start) => 2 + 2 * text.indexOf(start)),
    )
    expect(utf16.documents.map((record) => record.value)).toEqual([{ $document: { name: 'x' } }])
    const deep = await read(`[${'['.repeat(5000)}${']'.repeat(5000)},1]`)
    expect(deep.rejects.map((reject) => reject.code)).toEqual(['too_deep'])
    expect(values(deep)).toEqual([1])
  })

  it('reads nothing from an empty file or array', async () => {
    for (const source of ['', ' \n ', '[]', '\ufeff']) {
      expect(await read(source)).toMatchObject({ records: [], rejects: [], error: null })
    }
  })
})

describe('readJson: objects', () => {
  const long = 'long answer '.repeat(20)

  it('delivers what stands around the big array first', async () => {
    const source = JSON.stringify(
      {
        name: 'run',
        results: [
          { q: 1, a: long },
          { q: 2, a: long },
        ],
        config: { seed: 1 },
      },
      null,
      2,
    )
    const { records, documents, rejects } = await read(source, [7])
    expect(documents.map((record) => [record.value, record.at.row])).toEqual([
      [{ $document: { name: 'run', config: { seed: 1 } } }, -1],
    ])
    expect(records.map((record) => record.value)).toEqual([
      { q: 1, a: long },
      { q: 2, a: long },
    ])
    expect(source.slice(records[1]!.at.offset ?? 0)).toMatch(/^\{\s+"q": 2/)
    expect(records[1]!.at.line).toBe(source.slice(0, records[1]!.at.offset ?? 0).split('\n').length)
    expect(rejects).toEqual([])
  })

  it('loses one element of the big array to damage, and nothing behind it', async () => {
    const source = '{"v":1,"results":[{"id":1,"t":"a"},{"id":2,"t":"b},{"id":3,"t":"c"}],"name":"x"}'
    for (const sizes of [[], [1], [9]]) {
      const all = await read(source, sizes)
      expect(all.records.map((record) => (record.value as { id: number }).id)).toEqual([1, 3])
      expect(all.rejects.map((reject) => reject.code)).toEqual(['invalid_json'])
      expect(all.documents.map((record) => record.value)).toEqual([{ $document: { v: 1, name: 'x' } }])
    }
  })

  it('unwraps the rows of the datasets server', async () => {
    const all = await read(
      JSON.stringify({
        features: [{ name: 'p' }],
        rows: [{ row_idx: 0, row: { p: 'x' }, truncated_cells: [] }],
      }),
    )
    expect(values(all)).toEqual([{ p: 'x' }])
    expect(all.documents.map((record) => record.value)).toEqual([
      { $document: { features: [{ name: 'p' }] } },
    ])
  })

  it('reads several splits, told apart by their key', async () => {
    const all = await read(
      JSON.stringify({ version: 1, train: [{ p: 'a', c: 'b' }], test: [{ p: 'c', c: 'd' }] }),
    )
    expect(values(all)).toEqual([
      { $key: 'train', p: 'a', c: 'b' },
      { $key: 'test', p: 'c', c: 'd' },
    ])
    expect(all.records.map((record) => record.at.row)).toEqual([0, 1])
  })

  it('zips a dict of lists', async () => {
    const source = JSON.stringify({ prompt: ['a', 'b'], response: ['x', 'y'], score: [1, 0], model: 'm' })
    for (const sizes of [[], [4]]) {
      const all = await read(source, sizes)
      expect(values(all)).toEqual([
        { prompt: 'a', response: 'x', score: 1 },
        { prompt: 'b', response: 'y', score: 0 },
      ])
      expect(all.documents.map((record) => record.value)).toEqual([{ $document: { model: 'm' } }])
      expect(
        all.records.map((record) => JSON.parse(Buffer.from(record.raw ?? []).toString()) as unknown),
      ).toEqual(values(all))
      expect(source[all.records[1]!.at.offset ?? 0]).toBe('"')
    }
  })

  it('keeps the whole rows of a torn dict of lists and counts the others', async () => {
    const all = await read('{"predictions":["a","b","c","d"],"prompts":["x","y')
    expect(values(all)).toEqual([{ predictions: 'a', prompts: 'x' }])
    expect(all.rejects.map((reject) => [reject.code, reject.traces])).toEqual([['torn_record', 3]])
  })

  it('reads a pandas table', async () => {
    const all = await read('{"prompt":{"0":"a","1":"b"},"response":{"0":"x","1":"y"}}')
    expect(values(all)).toEqual([
      { prompt: 'a', response: 'x' },
      { prompt: 'b', response: 'y' },
    ])
  })

  it('reads a pandas table of orient "split"', async () => {
    const all = await read('{"columns":["p","r"],"index":[0,1],"data":[["a","b"],["c",1]]}')
    expect(values(all)).toEqual([
      { p: 'a', r: 'b' },
      { p: 'c', r: 1 },
    ])
  })

  it('finds no record in an empty run, and still delivers what it says', async () => {
    const all = await read('{"model":"m","results":[]}')
    expect(all).toMatchObject({ records: [], rejects: [], error: null })
    expect(all.documents.map((record) => record.value)).toEqual([{ $document: { model: 'm' } }])
  })

  it('reads a dict of identifier → record, or → records', async () => {
    expect(values(await read('{"a":{"q":1},"b":{"q":2}}', [3]))).toEqual([
      { $key: 'a', q: 1 },
      { $key: 'b', q: 2 },
    ])
    const lists = await read('{"a":[{"q":1},{"q":2}],"b":[],"c":[{"q":3}]}')
    expect(values(lists)).toEqual([
      { $key: 'a', q: 1 },
      { $key: 'a', q: 2 },
      { $key: 'c', q: 3 },
    ])
    expect(lists.records.map((record) => record.at.row)).toEqual([0, 1, 2])
  })

  it('reads a dictionary of more members than are indexed', async () => {
    const members = Array.from({ length: 5000 }, (_, index) => `"id${index}":{"q":${index}}`)
    const all = await read(`{${members.join(',\n')}}`)
    expect(all.records).toHaveLength(5000)
    expect(all.records[4999]).toMatchObject({
      value: { $key: 'id4999', q: 4999 },
      at: { line: 5000, row: 4999 },
    })
  })

  it.each([
    ['several responses', { prompt: 'p', responses: ['a', 'b'] }],
    [
      'messages',
      {
        id: 1,
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: long },
        ],
      },
    ],
    ['steps', { question: 'q', answer: 'a', steps: [{ t: 'x' }, { t: long }] }],
    ['numbers', { nums: [1, 2, 3], target: 6, response: long }],
    ['nested objects', { input: { text: 'a' }, output: { answer: 'b' } }],
  ])('takes one record for one record: %s', async (_, record) => {
    expect(values(await read(JSON.stringify(record, null, 2)))).toEqual([record])
  })

  it('reads a sequence of documents laid out over lines', async () => {
    const source = '{\n "a": 1\n}\n{\n "a": 2\n}\n{"a": oops}\n{"a":4}'
    const all = await read(source, [5])
    expect(all.records.map((record) => [record.value, record.at.line])).toEqual([
      [{ a: 1 }, 1],
      [{ a: 2 }, 4],
      [{ a: 4 }, 8],
    ])
    expect(all.rejects.map((reject) => reject.at.line)).toEqual([7])
  })

  it('rejects a torn object, a bad scalar and stray brackets', async () => {
    expect((await read('{"prompt":"a","response":"b')).rejects.map((reject) => reject.code)).toEqual([
      'torn_record',
    ])
    expect((await read('hello')).rejects.map((reject) => reject.code)).toEqual(['invalid_json'])
    const stray = await read(']{"a":1}}')
    expect(values(stray)).toEqual([{ a: 1 }])
    expect(stray.rejects).toHaveLength(2)
  })
})

describe.skipIf(!hasSharedData)('readJson: real files', () => {
  const parse = (path: string): unknown => JSON.parse(readFileSync(join(SHARED_DATA, path), 'utf8'))

  it.each([
    'traces/tree-of-thought/game24_bfs.json',
    'traces/stream-of-search/o3-1k/stream-of-search_train_128_20250330-051804.json',
    'formats/sft/alpaca.json',
  ])('array %s', async (path) => {
    const { records, rejects } = await collect(readJson(realFile(path)))
    expect(rejects).toEqual([])
    expect(records.map((record) => record.value)).toEqual(parse(path))
  })

  it.each([
    ['traces/reasoning-gym/claude-sonnet-4_easy_countdown.json', 'results'],
    ['formats/inspect/2025-05-12T20-28-13-04-00_popularity.json', 'samples'],
    ['formats/inspect/log_tool_call_error.json', 'samples'],
  ])('object around an array %s', async (path, key) => {
    const { [key]: records, ...rest } = parse(path) as Record<string, unknown>
    const all = await collect(readJson(realFile(path)))
    expect(all.rejects).toEqual([])
    expect(values(all)).toEqual(records)
    expect(all.documents.map((record) => record.value)).toEqual([{ $document: rest }])
  })

  it('dict of lists', async () => {
    const path = 'traces/stream-of-search/eval_results.json'
    const columns = parse(path) as { predictions: string[]; test_prompts: unknown[] }
    const all = await collect(readJson(realFile(path)))
    expect(values(all)).toEqual(
      columns.predictions.map((predictions, index) => ({
        predictions,
        test_prompts: columns.test_prompts[index],
      })),
    )
  })

  it('dict of identifier → records', async () => {
    const path = 'step-labels/mr-ben_math.json'
    const expected = Object.entries(parse(path) as Record<string, object[]>).flatMap(([$key, list]) =>
      list.map((item) => ({ $key, ...item })),
    )
    expect(values(await collect(readJson(realFile(path))))).toEqual(expected)
  })
})
