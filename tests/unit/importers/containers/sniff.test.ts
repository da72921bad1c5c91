import { describe, expect, it } from 'vitest'
import { openContainer, sampleRecords } from '#engine/importers/containers/index.ts'
import { SNIFF_BYTES, sniffContainer } from '#engine/importers/containers/sniff.ts'
import { hasSharedData } from '#tests/unit/shared-data.ts'
import { collect, memoryFile, realFile } from './support.ts'

const sniff = (text: string, name = 'file') => sniffContainer(Buffer.from(text), name)

describe('sniffContainer', () => {
  it.each([
    ['{"a":1}\n{"a":2}\n', 'jsonl'],
    ['{"a":1}\r\n\r\n{"a":NaN}\r\n', 'jsonl'],
    ['[1]\n[2]\n', 'jsonl'],
    ['{"a": oops}\n{"a":1}\n{"a":2}\n', 'jsonl'],
    ['garbage\n{"a":1}\n{"a":2}\n', 'jsonl'],
    ['{\n  "a": 1\n}\n', 'json'],
    ['[\n{"a":1},\n{"a":2}\n]\n', 'json'],
    ['[{"a":1}]', 'json'],
    ['{"a":[1,2]}\n', 'json'],
    ['{\n"a":1\n}\n{\n"a":2\n}\n', 'json'],
    ['a,b\n1,2\n', 'csv'],
    ['a\tb\n1\t2\n', 'csv'],
    ['Well, first we try this.\nThen, that.\n', 'text'],
    ['PAR1\u0000', 'parquet'],
    ['', 'text'],
  ])('%j is %s, whatever it is called', (text, container) => {
    expect(sniff(text)).toBe(container)
    if (text.includes('\n')) expect(sniff(text, 'x.bin')).toBe(container)
  })

  it('lets the name decide what the content leaves open', () => {
    expect(sniff('{"a":1}\n', 'x.jsonl')).toBe('jsonl')
    expect(sniff('{"a":1}\n', 'x.jsonl.gz')).toBe('jsonl')
    expect(sniff('a\n1\n', 'x.csv')).toBe('csv')
    const long = `{"a":"${'x'.repeat(SNIFF_BYTES)}`.slice(0, SNIFF_BYTES)
    expect(sniff(long, 'x.jsonl')).toBe('jsonl')
    expect(sniff(long, 'x.json')).toBe('json')
    expect(sniff('', 'x.json')).toBe('json')
    expect(sniff('[{"a":1},\n{"a":2}]', 'x.jsonl')).not.toBe('csv')
  })

  it('is not led astray by a wrong name', () => {
    expect(sniff('{"a":1}\n{"a":2}\n', 'x.json')).toBe('jsonl')
    expect(sniff('[\n {"a":1}\n]\n', 'x.jsonl')).toBe('json')
    expect(sniff('{"a":1}\n{"a":2}\n', 'x.csv')).toBe('jsonl')
  })

  it('sees through UTF-16 and byte order marks', () => {
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"a":1}\n{"a":2}\n', 'utf16le')])
    expect(sniffContainer(wide, 'x')).toBe('jsonl')
    expect(sniff('\ufeffa,b\n1,2\n')).toBe('csv')
  })
})

describe('openContainer and sampleRecords', () => {
  it('sniffs, obeys a container it is given, and samples with the document first', async () => {
    const file = memoryFile('{"results":[{"a":1},{"a":2},{"a":3}],"name":"x"}')
    const sample = await sampleRecords(file, 2)
    expect(sample).toEqual({ container: 'json', records: [{ $document: { name: 'x' } }, { a: 1 }, { a: 2 }] })
    const { container, batches } = await openContainer(file, { container: 'text' })
    expect(container).toBe('text')
    expect((await collect(batches)).records).toHaveLength(1)
    expect(await sampleRecords(memoryFile(''), 5)).toEqual({ container: 'text', records: [] })
  })

  it('reads text as one record and rejects binary data', async () => {
    const prose = await collect((await openContainer(memoryFile('Let me think.\nYes.\n'))).batches)
    expect(prose.records.map((record) => record.value)).toEqual([{ text: 'Let me think.\nYes.\n' }])
    const binary = await openContainer(memoryFile(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe])))
    expect(binary.container).toBe('text')
    expect((await collect(binary.batches)).rejects.map((reject) => reject.code)).toEqual(['invalid_encoding'])
  })

  it.skipIf(!hasSharedData).each([
    ['traces/countdown-runs/sft_train_2k.jsonl', 'jsonl'],
    ['traces/math500/math500_deepseek_r1.jsonl', 'jsonl'],
    ['formats/verl/75.jsonl', 'jsonl'],
    ['traces/stream-of-search/eval_results.json', 'json'],
    ['traces/tree-of-thought/game24_bfs.json', 'json'],
    ['step-labels/mr-ben_math.json', 'json'],
    ['formats/sft/alpaca.json', 'json'],
    ['rl-curves/llama_results.csv', 'csv'],
    ['formats/parquet/countdown_problems_list_column.parquet', 'parquet'],
    ['traces/math500/LICENSE', 'text'],
  ])('%s is %s under any name', async (path, container) => {
    expect((await openContainer(realFile(path))).container).toBe(container)
    expect((await openContainer({ ...realFile(path), name: 'download' })).container).toBe(container)
  })
})
