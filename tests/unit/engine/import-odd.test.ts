import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { addsUp, pair, type Exported } from './import-support.ts'
import { exportRows, importFiles } from './support.ts'

const opened = engineFor('test')

const exported = () => exportRows<Exported>(opened.client, join(opened.folder, 'out.jsonl'))

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
    const file = opened.put('odd.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))
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
    const file = opened.put(
      'proto.jsonl',
      '{"prompt":"p","completion":"c","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":3,"hasOwnProperty":4}\n',
    )
    expect(await importFiles(opened.client, [file])).toMatchObject({ imported: 1, rejected: 0 })
    const text = readFileSync(join(opened.folder, 'proto.jsonl'), 'utf8')
    const [row] = await exported()
    const metadata = JSON.stringify(row!.metadata)
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(metadata, text).toContain(`"${key}":`)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('NaN and infinities are read as Python writes them, and numbers beyond a double are not made null', async () => {
    const file = opened.put(
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
    const file = opened.put(
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
    const file = opened.put('numbers.jsonl', odd.map((more, index) => pair(`c${index}`, more)).join('\n'))
    const result = await importFiles(opened.client, [file])
    addsUp(result)
    expect(result.imported).toBe(odd.length)
  })

  it('records that agree in everything count once', async () => {
    const lines = [pair('a'), pair('a'), pair('b'), pair('a', { id: 1 }), pair('a', { extra: 1 }), pair('b')]
    const file = opened.put('twice.jsonl', lines.join('\n'))
    expect(await importFiles(opened.client, [file])).toMatchObject({ read: 6, imported: 4, duplicates: 2 })
  })

  it('a line of 30 MB is a trace like any other', async () => {
    const long = 'wait, let me check. '.repeat(1_500_000)
    const file = opened.put('long.jsonl', [pair('a'), pair(long), pair('b')].join('\n'))
    expect(await importFiles(opened.client, [file])).toMatchObject({ read: 3, imported: 3, rejected: 0 })
    expect((await opened.client.call('traces.get', { id: 2 })).response === long).toBe(true)
  })

  it('an empty file, a file of blank lines and a file of nothing known are named', async () => {
    const files = [
      opened.put('empty.jsonl', ''),
      opened.put('blank.jsonl', '\n\n \n'),
      opened.put('known.json', '[1,2,3]'),
    ]
    const result = await importFiles(opened.client, [...files, opened.put('good.jsonl', pair('a'))])
    expect(result).toMatchObject({ read: 1, imported: 1 })
    const told = JSON.stringify([result.failures, result.skipped, result.files])
    for (const file of files) expect(told).toContain(file.split('/').at(-1))
  })
})
