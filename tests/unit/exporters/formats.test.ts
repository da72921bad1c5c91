import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, it } from 'vitest'
import { exportTraces } from '#engine/exporters/index.ts'
import { ExportFormat } from '#shared/contract/exports.ts'
import { fromInterchange } from '#shared/domain/interchange/read.ts'
import { batches, exportTo, temporaryFolder, TRACES } from './sample.ts'

const FORMATS = ExportFormat.options
const FIXTURES = resolve(import.meta.dirname, '../../fixtures/exports')

async function exportedRows(format: ExportFormat, container: 'jsonl' | 'parquet', traces = TRACES) {
  const path = join(await temporaryFolder(), `out.${container}`)
  const result = await exportTraces(exportTo(path, { format, container, traces: batches(traces) }))
  expect(result.rows).toBe(traces.length)
  return container === 'jsonl' ? jsonlRows(path) : parquetRows(path)
}

async function jsonlRows(path: string): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

async function parquetRows(path: string): Promise<Record<string, unknown>[]> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors })
  return rows.map(withPlainNumbers) as Record<string, unknown>[]
}

const without = (row: Record<string, unknown>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))

/** 64-bit integers as numbers and absent groups as null, so that rows of both containers compare. */
function withPlainNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value === undefined) return null
  if (Array.isArray(value)) return value.map(withPlainNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withPlainNumbers(part)]))
}

/** What Parquet rows of training formats hold besides those of JSONL: it may be missing. */
const PARQUET_ONLY = ['checkpoint', 'key', 'correct']
const isTraining = (format: ExportFormat) => format !== 'traces' && format !== 'annotations'

describe.each(FORMATS)('%s', (format) => {
  it('is the file that is documented', async () => {
    const path = join(await temporaryFolder(), 'out.jsonl')
    await exportTraces(exportTo(path, { format }))
    await expect(await readFile(path, 'utf8')).toMatchFileSnapshot(join(FIXTURES, `${format}.jsonl`))
  })

  it('holds the same in both containers', async () => {
    const jsonl = await exportedRows(format, 'jsonl')
    const parquet = await exportedRows(format, 'parquet')
    // Metadata, whose shape differs between rows, is JSON text in Parquet.
    const unpacked = parquet.map((row) => {
      return 'metadata' in row ? { ...row, metadata: JSON.parse(row['metadata'] as string) as unknown } : row
    })
    const left = isTraining(format) ? PARQUET_ONLY : []
    for (const row of parquet) for (const name of left) expect(row).toHaveProperty(name)
    expect(unpacked.map((row) => without(row, left))).toEqual(jsonl)
  })

  it.runIf(isTraining(format))(
    'holds no null in JSONL, which would leave the type of a column open',
    async () => {
      for (const row of await exportedRows(format, 'jsonl')) expect(Object.values(row)).not.toContain(null)
    },
  )

  it('of no traces is an empty file that reads as no rows', async () => {
    const path = join(await temporaryFolder(), 'out.parquet')
    await exportTraces(exportTo(path, { format, container: 'parquet', traces: batches([]) }))
    expect(await parquetRows(path)).toEqual([])
    const plain = join(await temporaryFolder(), 'out.jsonl')
    expect(await exportTraces(exportTo(plain, { format, traces: batches([]) }))).toMatchObject({
      rows: 0,
      bytes: 0,
    })
  })
})

it('an annotations file reads back as the traces, from either container', async () => {
  for (const container of ['jsonl', 'parquet'] as const) {
    const rows = await exportedRows('annotations', container)
    for (const [index, row] of rows.entries()) {
      const { run, response, bounds, prediction, annotations, own } = TRACES[index]!
      expect(fromInterchange(row)).toMatchObject({ run, response, bounds, prediction, annotations, own })
    }
  }
})

it('lone surrogates stay in JSONL, and become U+FFFD of the same length in Parquet', async () => {
  const response = 'a\ud83d b'
  const annotations = [{ ...TRACES[0]!.annotations[0]!, start: 3, end: 4, target: null }]
  const traces = [{ ...TRACES[1]!, response, annotations }]
  const [jsonl] = await exportedRows('annotations', 'jsonl', traces)
  expect(jsonl!['text']).toBe(response)
  const [parquet] = await exportedRows('annotations', 'parquet', traces)
  expect(parquet!['text']).toBe('a\ufffd b')
  expect(fromInterchange(parquet).annotations[0]).toMatchObject({ start: 3, end: 4 })
})

it('Parquet is written in row groups of bounded size', async () => {
  const path = join(await temporaryFolder(), 'out.parquet')
  const long = { ...TRACES[0]!, response: 'words and more words. '.repeat(50_000) }
  const traces = Array.from({ length: 40 }, (_, index) => ({ ...long, id: index + 1 }))
  await exportTraces(exportTo(path, { format: 'messages', container: 'parquet', traces: batches(traces) }))
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path))
  expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([16, 16, 8])
  const rows = await parquetRows(path)
  expect(rows.map((row) => row['id'])).toEqual(traces.map(({ id }) => id))
})

it('Parquet says its format and offset unit', async () => {
  const path = join(await temporaryFolder(), 'out.parquet')
  await exportTraces(exportTo(path, { container: 'parquet', offsetUnit: 'utf8_bytes' }))
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path))
  expect(metadata.key_value_metadata).toEqual([
    { key: 'cairn.format', value: 'traces' },
    { key: 'cairn.offset_unit', value: 'utf8_bytes' },
  ])
})
