import { parquetMetadata } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { diskFile } from '#engine/importers/input/files.ts'
import { readParquet } from '#engine/importers/containers/parquet.ts'
import { toJson } from '#engine/importers/containers/plain-json.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'
import { collect, realFile } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-parquet-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(bytes: Uint8Array) {
  const disk = join(folder, `${Math.random()}.parquet`)
  writeFileSync(disk, bytes)
  return diskFile({ name: disk, disk, path: disk, size: bytes.length, compression: 'none' })
}

const table = (rows: number, rowGroupSize: number): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: Array.from({ length: rows }, (_, index) => BigInt(index)), type: 'INT64' },
        { name: 'big', data: Array.from({ length: rows }, () => 2n ** 60n), type: 'INT64' },
        {
          name: 'text',
          data: Array.from({ length: rows }, (_, index) => (index % 3 ? `思 ${index}` : null)),
          type: 'STRING',
        },
        { name: 'when', data: Array.from({ length: rows }, () => new Date(0)), type: 'TIMESTAMP' },
        { name: 'json', data: Array.from({ length: rows }, (_, index) => ({ n: [index] })), type: 'JSON' },
      ],
      rowGroupSize,
    }),
  )

describe('readParquet', () => {
  it('reads row groups into plain JSON and resumes at a row', async () => {
    const file = fileOf(table(1200, 500))
    const { records, rejects } = await collect(readParquet(file))
    expect(rejects).toEqual([])
    expect(records).toHaveLength(1200)
    expect(records[1]).toEqual({
      value: {
        id: 1,
        big: (2n ** 60n).toString(),
        text: '思 1',
        when: '1970-01-01T00:00:00.000Z',
        json: { n: [1] },
      },
      at: { line: null, row: 1, offset: null },
      raw: null,
    })
    expect(records[0]).toMatchObject({ value: { text: null } })
    const rest = await collect(readParquet(file, { start: { line: null, row: 700, offset: null } }))
    expect(rest.records).toEqual(records.slice(700))
  })

  it('says what is wrong with a cut or foreign file', async () => {
    const whole = table(50, 10)
    const cut = await collect(readParquet(fileOf(whole.subarray(0, whole.length - 20))))
    expect(cut.error).toMatchObject({ code: 'input_unreadable' })
    expect(String(cut.error)).toMatch(/not a complete Parquet file/)
    expect((await collect(readParquet(fileOf(new Uint8Array(3))))).error).toMatchObject({
      code: 'input_unreadable',
    })
  })

  it('loses only the row group that is damaged', async () => {
    const whole = Buffer.from(table(1000, 500))
    const metadata = parquetMetadata(whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length))
    const start = Number(metadata.row_groups[0]?.columns[2]?.meta_data?.data_page_offset)
    whole.fill(0xff, start, start + 200)
    const { records, rejects } = await collect(readParquet(fileOf(whole)))
    expect(records.map((record) => record.at.row)).toEqual(
      Array.from({ length: 500 }, (_, index) => 500 + index),
    )
    expect(rejects).toMatchObject([{ code: 'invalid_parquet', traces: 500, at: { row: 0 } }])
  })
})

describe('toJson', () => {
  it('gives plain JSON for everything a column can hold', () => {
    expect(
      toJson({
        a: 5n,
        b: -(2n ** 70n),
        c: new Uint8Array([0xff, 0]),
        d: Buffer.from('é'),
        e: [new Date(1), undefined],
        f: NaN,
        g: new Float32Array([1.5]),
      }),
    ).toEqual({
      a: 5,
      b: '-1180591620717411303424',
      c: '/wA=',
      d: 'é',
      e: ['1970-01-01T00:00:00.001Z', null],
      f: 'NaN',
      g: [1.5],
    })
  })
})

describe.skipIf(!hasSharedData)('readParquet: real file', () => {
  it('reads every row with its list column', async () => {
    const path = 'formats/parquet/countdown_problems_list_column.parquet'
    const bytes = readFileSync(join(SHARED_DATA, path))
    const expected = Number(
      parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).num_rows,
    )
    const { records, rejects } = await collect(readParquet(realFile(path)))
    expect(rejects).toEqual([])
    expect(records).toHaveLength(expected)
    for (const { value } of records) {
      const lists = Object.values(value as object).filter(Array.isArray)
      expect(lists.length).toBeGreaterThan(0)
      expect(lists.flat().every((item) => typeof item === 'number')).toBe(true)
    }
  })
})
