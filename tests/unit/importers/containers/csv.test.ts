import { Parser } from 'csv-parse'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
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
        fc.oneof(
          fc.constantFrom(['\n'], ['\r\n']),
          fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 2, maxLength: 9 }),
        ),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
        async (rows, delimiter, ends, sizes) => {
          const eol = (index: number): string => ends[index % ends.length] ?? '\n'
          const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`
          const lines = [`prompt${delimiter}response`, ...rows.map((row) => row.map(quote).join(delimiter))]
          const source = Buffer.from(lines.map((line, index) => line + eol(index)).join(''))
          const { records, rejects } = await read(source, sizes)
          expect(rejects).toEqual([])
          expect(records.map((record) => record.value)).toEqual(
            rows.map(([prompt, response]) => ({ prompt, response })),
          )
          let offset = Buffer.byteLength(lines[0] + eol(0))
          for (const [index, { at, raw }] of records.entries()) {
            const line = Buffer.from(lines[index + 1] ?? '')
            const lineNumber = source.subarray(0, offset).filter((byte) => byte === 10).length + 1
            expect(at).toEqual({ line: lineNumber, row: index, offset })
            expect(Buffer.from(raw ?? []).equals(line)).toBe(true)
            offset += line.length + eol(index + 1).length
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

  it('gives back what a writer of tables writes, whatever stands in its cells', async () => {
    const part = fc.constantFrom(
      ...[
        'a',
        'yes it is',
        ' ',
        '"',
        '""',
        ',',
        ', ',
        '\n',
        '\r\n',
        '\n\n',
        '\t',
        ';',
        '|',
        ',"',
        '",',
        '"\n"',
      ],
      ...['he said "no"', '\n2,q2,he said "no"', '\n2,"q2",x', '1,2,3,4,5,6', '5" wide', '"x\ny"'],
    )
    const cell = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''))
    const table = fc
      .integer({ min: 2, max: 6 })
      .chain((columns) =>
        fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 6 }),
      )
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(',', '\t', ';', '|'),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
        async (rows, delimiter, always, sizes) => {
          const written = (text: string) =>
            always || /["\r\n\t,;|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
          const names = rows[0]!.map((_, column) => `name ${column}`)
          const lines = [names, ...rows].map((row) => row.map(written).join(delimiter))
          const all = await read(lines.join('\n'), sizes)
          expect(all.rejects).toEqual([])
          expect(all.records.map(({ value }) => Object.values(value as Record<string, string>))).toEqual(rows)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('takes both kinds of line end in one file', async () => {
    const expected = [
      { prompt: 'q1', response: 'a1' },
      { prompt: 'q2', response: 'a2' },
      { prompt: 'q3', response: 'a3' },
    ]
    for (const source of [
      'prompt,response\r\nq1,a1\nq2,a2\nq3,a3\n',
      'prompt,response\nq1,a1\r\nq2,a2\r\nq3,a3',
      'prompt,response\nq1,a1\r\nq2,"a2"\r\nq3,"a3"\n',
    ]) {
      const all = await read(source, [1])
      expect(values(all)).toEqual(expected)
      expect(all.rejects).toEqual([])
      expect(all.records.map((record) => record.at.line)).toEqual([2, 3, 4])
    }
  })

  it('takes a carriage return for a line end only where no line ends otherwise', async () => {
    const old = await read('a,b\r1,"x\ny"\r2,"stray\r3,x "y" z\r4,"open\r5,6\r')
    expect(values(old)).toEqual([
      { a: '1', b: 'x\ny' },
      { a: '3', b: 'x "y" z' },
      { a: '5', b: '6' },
    ])
    expect(old.rejects.map((reject) => reject.at.row)).toEqual([1, 3])
    expect(values(await read('a,b\n1,x\ry\n'))).toEqual([{ a: '1', b: 'x\ry' }])
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

  it('gives every byte behind the header as a row or a reject, where it stands', async () => {
    const piece = fc.constantFrom('"', '""', ',', '\n', '\r\n', 'ü', ' ', '"a\nb",', '\n1,"x', '\n"y",2')
    const blank = /^(?:""|[\r\n])*$/
    const part = fc.tuple(fc.array(piece, { minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 200 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 3 }),
        fc.constantFrom(100, 1e6),
        async (parts, sizes, recordLimit) => {
          const header = 'id,response\n'
          const body = parts.map(([pieces, times]) => pieces.join('').repeat(times)).join('')
          const source = Buffer.from(header + body)
          const found = await collect(readCsv(memoryFile(source, sizes), { recordLimit }))
          const items = [...found.records, ...found.rejects].sort((a, b) => a.at.row - b.at.row)
          let end = header.length
          for (const [row, item] of items.entries()) {
            const { at, raw } = item
            const offset = at.offset!
            expect(at.row).toBe(row)
            expect(at.line).toBe(source.subarray(0, offset).toString().split('\n').length)
            expect(source.subarray(end, offset).toString()).toMatch(blank)
            expect(source.subarray(offset, offset + raw!.length).equals(raw!)).toBe(true)
            end = offset + raw!.length
            // Of a row over the limit, the beginning is kept.
            if ('code' in item && item.code === 'record_too_large')
              end = (source.indexOf('\n', end) + 1 || source.length + 1) - 1
          }
          expect(source.subarray(end).toString()).toMatch(blank)
        },
      ),
    )
  })

  it.each([
    ['a quote that runs open to the end', 'open\n2,two\n'],
    ['a quote that closes in the middle of a cell', 'open\n2,two\n3,he said "no" to it\n'],
  ])('reads no byte very often for the lines of one row before %s', async (_, end) => {
    const fed = vi.spyOn(Parser.prototype, '_transform')
    const source = `id,response\n1,${'"first\nsecond",'.repeat(2000)}"${end}`
    const all = await read(source)
    expect(all.records.length + all.rejects.length).toBe(source.trim().split('\n').length - 1)
    expect(values(all)).toContainEqual({ id: '2', response: 'two' })
    const bytes = fed.mock.calls.reduce((sum, [piece]) => sum + (piece as Buffer).length, 0)
    fed.mockRestore()
    expect(bytes).toBeLessThan(30 * source.length)
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
