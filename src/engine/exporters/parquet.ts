import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { cellSize, parquetSchema, toCell, type Cell, type Columns } from './columns.ts'
import type { RowWriter, Sink } from './row-writer.ts'

/** Rows and roughly the bytes in a row group: it is held in memory until it is written. */
const GROUP_ROWS = 10_000
const GROUP_BYTES = 16 * 1024 * 1024

/**
 * Writes rows as Parquet with Snappy compression, one row group at a time. Text in Parquet is UTF-8,
 * which has no form for a lone surrogate: each becomes U+FFFD, which is as long in every offset unit,
 * so that spans still fit.
 *
 * @param facts key-value pairs for the file's own metadata
 */
export function createParquetWriter(
  sink: Sink,
  columns: Columns,
  facts: Readonly<Record<string, string>>,
): RowWriter {
  const writer = new ByteWriter()
  const flush = async (): Promise<void> => {
    await sink(writer.getBytes())
    writer.index = 0
  }
  const parquet = new ParquetWriter({
    writer: Object.assign(writer, { flush, finish: flush }),
    schema: parquetSchema(columns),
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
    createdBy: 'Cairn',
  })
  const types = Object.entries(columns)
  let cells = types.map((): Cell[] => [])
  let size = 0

  const writeGroup = async (): Promise<void> => {
    const columnData = types.map(([name], index) => ({ name, data: cells[index]! }))
    await parquet.write({ columnData, rowGroupSize: GROUP_ROWS })
    cells = types.map(() => [])
    size = 0
  }

  return {
    async write(row) {
      for (const [index, [name, type]] of types.entries()) {
        const cell = toCell(row[name], type)
        cells[index]!.push(cell)
        size += cellSize(cell)
      }
      if (size >= GROUP_BYTES || cells[0]!.length === GROUP_ROWS) await writeGroup()
    },
    async finish() {
      if (cells[0]!.length > 0) await writeGroup()
      await parquet.finish()
    },
  }
}
