import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCsv } from '#engine/importers/containers/csv.ts'
import { detectDelimiter } from '#engine/importers/containers/csv-dialect.ts'
import { CairnError } from '#shared/errors.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'
import { collect, memoryFile, realFile, values } from './support.ts'

const read = (source: string | Uint8Array, sizes: readonly number[] = []) =>
  collect(readCsv(memoryFile(source, sizes)))

describe('readCsv', () => {
  it('gives back any cells with the places of their rows', async () => {
    const cell = fc
      .string({ unit: 'grapheme' })
      .filter((text) => !/^\s*[[{]/.test(text) && !text.includes('\r'))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(',', '\t', ';', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
        async (rows, delimiter, eol, sizes) => {
          const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`
          const lines = [`prompt${delimiter}response`, ...rows.map((row) => row.map(quote).join(delimiter))]
          const source = Buffer.from(lines.map((line) => line + eol).join(''))
          const { records, rejects } = await read(source, sizes)
          expect(rejects).toEqual([])
          expect(records.map((record) => record.value)).toEqual(
            rows.map(([prompt, response]) => ({ prompt, response })),
          )
          let offset = Buffer.byteLength(lines[0] + eol)
          for (const [index, { at, raw }] of records.entries()) {
            const line = Buffer.from(lines[index + 1] ?? '')
            const lineNumber = source.subarray(0, offset).filter((byte) => byte === 10).length + 1
            expect(at).toEqual({ line: lineNumber, row: index, offset })
            expect(Buffer.from(raw ?? []).equals(line)).toBe(true)
            offset += line.length + eol.length
          }
        },
      ),
    )
  })

  it('reads brackets as JSON where they are JSON, and leaves other cells as text', async () => {
    const all = await read('q,a,n\n"[1, 2]","{""k"": ""v""}",07\n[not json,,x\n')
    expect(values(all)).toEqual([
      { q: [1, 2], a: { k: 'v' }, n: '07' },
      { q: '[not json', a: '', n: 'x' },
    ])
  })

  it('rejects ragged rows with their place and goes on', async () => {
    const all = await read('\ufeffa,b\n1,2\n\n3\n4,5,6\n7,8\n')
    expect(all.records.map((record) => [record.value, record.at])).toEqual([
      [
        { a: '1', b: '2' },
        { line: 2, row: 0, offset: 7 },
      ],
      [
        { a: '7', b: '8' },
        { line: 6, row: 3, offset: 20 },
      ],
    ])
    expect(all.rejects.map((reject) => [reject.code, reject.at, Buffer.from(reject.raw).toString()])).toEqual(
      [
        ['invalid_csv', { line: 4, row: 1, offset: 12 }, '3'],
        ['invalid_csv', { line: 5, row: 2, offset: 14 }, '4,5,6'],
      ],
    )
  })

  it('loses one row to a quote that is never closed', async () => {
    const all = await read('a,b\n1,2\n3,"open\n5,6\n7,8\n')
    expect(all.records.map((record) => [record.value, record.at])).toEqual([
      [
        { a: '1', b: '2' },
        { line: 2, row: 0, offset: 4 },
      ],
      [
        { a: '5', b: '6' },
        { line: 4, row: 2, offset: 16 },
      ],
      [
        { a: '7', b: '8' },
        { line: 5, row: 3, offset: 20 },
      ],
    ])
    expect(all.rejects.map((reject) => [reject.code, reject.at])).toEqual([
      ['invalid_csv', { line: 3, row: 1, offset: 8 }],
    ])
  })

  it('rejects a row in Latin-1, reads UTF-16, resumes, survives a break', async () => {
    const latin = await read(
      Buffer.concat([Buffer.from('a,b\n1,Z'), Buffer.from([0xfc]), Buffer.from('\n3,ü\n')]),
    )
    expect(values(latin)).toEqual([{ a: '3', b: 'ü' }])
    expect(latin.rejects.map((reject) => reject.code)).toEqual(['invalid_encoding'])
    const wide = await read(
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a\tb\n1\t思\n2\ty\n', 'utf16le')]),
      [5],
    )
    expect(wide.records.map((record) => [record.value, record.at.offset])).toEqual([
      [{ a: '1', b: '思' }, 10],
      [{ a: '2', b: 'y' }, 18],
    ])
    const source = 'a,b\n1,2\n3,4\n5,6\n'
    const whole = await read(source)
    const rest = await collect(readCsv(memoryFile(source), { start: whole.records[1]!.at }))
    expect(rest.records).toEqual(whole.records.slice(1))
    const broken = await collect(
      readCsv({
        ...memoryFile(''),
        async *open() {
          yield Buffer.from('a,b\n1,2\n3,4\n')
          throw new CairnError('input_unreadable', 'broken')
        },
      }),
    )
    expect(broken.records).toHaveLength(2)
    expect(broken.error).toMatchObject({ code: 'input_unreadable' })
  })

  it('gives up a row over the limit and goes on at the next line', async () => {
    const source = `a,b\n1,2\n3,"${'open\n'.repeat(300)}7,8\n9,10`
    const all = await collect(readCsv(memoryFile(source, [64]), { recordLimit: 1000 }))
    expect(all.records.at(-1)).toMatchObject({ value: { a: '9', b: '10' } })
    expect(all.rejects[0]).toMatchObject({ code: 'record_too_large', at: { line: 3, row: 1, offset: 8 } })
  })

  it('reads nothing from an empty file or a header alone', async () => {
    expect((await read('')).records).toEqual([])
    expect((await read('a,b\n')).records).toEqual([])
  })
})

describe('detectDelimiter', () => {
  it.each([
    ['a,b\n1,2\n', ','],
    ['a\tb,c\n1\t2\n', '\t'],
    ['a;b\n1,5;2,5\n', ';'],
    ['p|r\n"x, y"|z\n', '|'],
    ['First, we try 3. Then, if it fails,\nwe go back.\n', null],
    ['just one line', null],
  ])('%j → %j', (text, delimiter) => {
    expect(detectDelimiter(text, true)).toBe(delimiter)
  })
})

describe.skipIf(!hasSharedData)('readCsv: real files', () => {
  it.each(['rl-curves/llama_results.csv', 'rl-curves/qwen_results.csv', 'rl-curves/claude_accs.csv'])(
    '%s',
    async (path) => {
      const lines = readFileSync(join(SHARED_DATA, path), 'utf8').trim().split(/\r?\n/)
      const { records, rejects } = await collect(readCsv(realFile(path)))
      expect(rejects).toEqual([])
      expect(records).toHaveLength(lines.length - 1)
      expect(records.map((record) => Object.values(record.value as object).join(','))).toEqual(lines.slice(1))
    },
  )
})
