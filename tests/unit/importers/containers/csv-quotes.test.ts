import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCsv } from '#engine/importers/containers/csv.ts'
import { collect, memoryFile, values } from './support.ts'

const read = (source: string | Uint8Array, sizes: readonly number[] = []) =>
  collect(readCsv(memoryFile(source, sizes)))

type Encoding = 'utf8' | 'utf16le' | 'utf16be'

function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf16be') return Buffer.from(text, 'utf16le').swap16()
  return Buffer.from(text, encoding)
}

describe('readCsv, with stray quotes and quotes that are never closed,', () => {
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

  it('loses one row to a stray quote that closes in the middle of a later row', async () => {
    const lines = [
      'id,prompt,response',
      '1,q1,"yes it is',
      '2,q2,plain two',
      '3,q3,he said "no" to it',
      '4,q4,four',
    ]
    const all = await read(lines.join('\n'))
    expect(all.records.map((record) => [record.value, record.at])).toEqual([
      [
        { id: '2', prompt: 'q2', response: 'plain two' },
        { line: 3, row: 1, offset: 35 },
      ],
      [
        { id: '3', prompt: 'q3', response: 'he said "no" to it' },
        { line: 4, row: 2, offset: 50 },
      ],
      [
        { id: '4', prompt: 'q4', response: 'four' },
        { line: 5, row: 3, offset: 74 },
      ],
    ])
    expect(all.rejects.map((reject) => [reject.code, reject.at, Buffer.from(reject.raw).toString()])).toEqual(
      [['invalid_csv', { line: 2, row: 0, offset: 19 }, lines[1]]],
    )
  })

  it.each([
    [
      'quotes inside that are not written twice',
      'prompt,response\np1,"Step one.\nFirst, the "answer" is 5"\np2,ok\n',
      [
        { prompt: 'p1', response: '"Step one.\nFirst, the "answer" is 5"' },
        { prompt: 'p2', response: 'ok' },
      ],
    ],
    [
      'a space behind the quote that closes it',
      'id,prompt,response\n1,"2+3?\nThink." ,"5\nSo 5"\n2,q,ok\n',
      [
        { id: '1', prompt: '"2+3?\nThink." ', response: '5\nSo 5' },
        { id: '2', prompt: 'q', response: 'ok' },
      ],
    ],
  ])('keeps a cell of several lines with %s', async (_, source, expected) => {
    const all = await read(source)
    expect(values(all)).toEqual(expected)
    expect(all.rejects).toEqual([])
  })

  it.each([
    ['', ''],
    ['with a comma behind the stray quote', ', we know'],
    ['below a blank line', '', '\n'],
  ])(
    'takes lines apart that are rows each, though the last ends with a quote %s',
    async (_, more, before = '') => {
      const stray = `1,q1,"yes it is${more}`
      const all = await read(`${before}id,prompt,response\n${stray}\n2,q2,he said "no"\n3,q3,three\n`)
      expect(values(all)).toEqual([
        { id: '2', prompt: 'q2', response: 'he said "no"' },
        { id: '3', prompt: 'q3', response: 'three' },
      ])
      expect(all.rejects.map(({ raw }) => Buffer.from(raw).toString())).toEqual([stray])
    },
  )

  it('rejects lines of which it cannot be told whether they are one row or several', async () => {
    const lines = 'p1,"yes it is\np2,he said "no"'
    const all = await read(`prompt,response\np0,zero\n${lines}\np3,three\n`, [7])
    expect(values(all)).toEqual([
      { prompt: 'p0', response: 'zero' },
      { prompt: 'p3', response: 'three' },
    ])
    expect(all.rejects).toMatchObject([{ code: 'invalid_csv', at: { line: 3, row: 1, offset: 24 } }])
    expect(Buffer.from(all.rejects[0]!.raw).toString()).toBe(lines)
    expect(all.records[1]!.at).toEqual({ line: 5, row: 2, offset: 54 })
  })

  it('says of every row that it begins with a stray quote, however many there are', async () => {
    const rows = Array.from({ length: 300 }, (_, row) => `${row}\t"stray ${row}`)
    const all = await read(['id\tresponse', ...rows, '300\tplain'].join('\n'), [1000])
    expect(all.rejects.map((reject) => Buffer.from(reject.raw).toString())).toEqual(rows)
    expect(all.rejects.map((reject) => [reject.at.row, reject.at.line])).toEqual(
      rows.map((_, row) => [row, row + 2]),
    )
    expect(values(all)).toEqual([{ id: '300', response: 'plain' }])
  })

  it('gives back every row between stray quotes, in every encoding', async () => {
    const cells = {
      plain: ['plain ü', 'plain ü'],
      middle: ['he said "no" 思', 'he said "no" 思'],
      doubled: ['"say ""a""\n\n,b"', 'say "a"\n\n,b'],
      relaxed: ['"yes" he said', '"yes" he said'],
      stray: ['"yes 😀 it is', null],
    } as const
    const kinds = fc.constantFrom(...(Object.keys(cells) as (keyof typeof cells)[]))
    await fc.assert(
      fc.asyncProperty(
        fc.array(kinds, { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom<Encoding>('utf8', 'utf16le', 'utf16be'),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
        async (rows, eol, encoding, sizes) => {
          const texts = ['\ufeffid,response', ...rows.map((kind, row) => `${row},${cells[kind][0]}`)]
          const lines = texts.map((text) => encode(text + eol, encoding))
          const places = rows.map((_, row) => {
            const before = texts.slice(0, row + 1)
            return {
              line: before.join('\n').split('\n').length + 1,
              row,
              offset: Buffer.concat(lines.slice(0, row + 1)).length,
            }
          })
          const { records, rejects } = await read(Buffer.concat(lines), sizes)
          const isStray = (row: number): boolean => rows[row] === 'stray'
          expect(rejects.map((reject) => reject.at)).toEqual(places.filter(({ row }) => isStray(row)))
          expect(records.map((record) => [record.at, record.value])).toEqual(
            places
              .filter(({ row }) => !isStray(row))
              .map((at) => [at, { id: `${at.row}`, response: cells[rows[at.row] ?? 'plain'][1] }]),
          )
        },
      ),
    )
  })

  it('rejects a header with a stray quote, and with it the table', async () => {
    const all = await read('id,"response\n1,"a" b\n2,c\n')
    expect(all.records).toEqual([])
    expect(all.rejects).toMatchObject([{ code: 'invalid_csv', at: { line: 1, row: 0, offset: 0 } }])
    expect(all.rejects[0]!.message).toMatch(/no row below it could be read/)
  })

  it('delivers the rows from a place on when a stray quote stands before or at it', async () => {
    const source = 'a,b\n1,"open\n2,x "y" z\n3,4\n5,"6\n7,"8\n9,10\n'
    const whole = await read(source)
    expect(whole.records.map((record) => record.at.row)).toEqual([1, 2, 5])
    expect(whole.rejects.map((reject) => reject.at.row)).toEqual([0, 3, 4])
    for (const start of [...whole.records, ...whole.rejects].map((item) => item.at)) {
      const rest = await collect(readCsv(memoryFile(source, [7]), { start }))
      expect(rest.records).toEqual(whole.records.filter((record) => record.at.row >= start.row))
      expect(rest.rejects).toEqual(whole.rejects.filter((reject) => reject.at.row >= start.row))
    }
  })

  it.each(['utf8', 'utf16le', 'utf16be'] as const)(
    'goes on at the next line after a quote that is never closed, in %s',
    async (encoding) => {
      // Both odd characters hold the byte of a line feed, one in each half.
      const lines = ['\ufeffid,a\n', '1,"\u0a00 \u410a open\n', '2,ü\n', '3,思\n']
      const all = await read(encode(lines.join(''), encoding), [7])
      expect(values(all)).toEqual([
        { id: '2', a: 'ü' },
        { id: '3', a: '思' },
      ])
      expect(all.records[0]?.at).toEqual({
        line: 3,
        row: 1,
        offset: encode(lines.slice(0, 2).join(''), encoding).length,
      })
      expect(all.rejects.map((reject) => Buffer.from(reject.raw).toString())).toEqual([lines[1]?.trim()])
    },
  )

  it('keeps the rest of a file behind a row of many lines whose last quote runs open to the end', async () => {
    // Every line of the row gives another one that is as broken.
    const row = `1,${'"first\nsecond",'.repeat(300)}"open`
    const all = await read(`id,response\n${row}\n2,two\n3,"",\n4,""\n`, [1000])
    expect(values(all)).toEqual([
      { id: '2', response: 'two' },
      { id: '4', response: '' },
    ])
    expect(all.rejects.pop()).toMatchObject({ message: 'The row has 3 fields where the header has 2.' })
    expect(all.rejects.map((reject) => Buffer.from(reject.raw).toString()).join('\n')).toBe(row)
  })
})
