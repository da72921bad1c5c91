import type { SchemaElement } from 'hyparquet'
import type { Json } from '#shared/domain/trace.ts'

/** Type of a Parquet column or of a part of one. Everything may be null, as pyarrow writes by default. */
export type ColumnType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  /** Any JSON value, as JSON text: for what has a different shape in every row. */
  | 'json'
  | { readonly list: ColumnType }
  | { readonly struct: Columns }

/** Columns of a table or fields of a struct, in order. */
export type Columns = { readonly [name: string]: ColumnType }

/** A value as the Parquet writer takes it. */
export type Cell =
  string | number | bigint | boolean | null | readonly Cell[] | { readonly [key: string]: Cell }

const PRIMITIVES: Readonly<Record<Extract<ColumnType, string>, Omit<SchemaElement, 'name'>>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  boolean: { type: 'BOOLEAN' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  // Plain text and no JSON type: pandas and datasets read it as `str` in every version.
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
}

/** The Parquet schema of a table, flattened depth first as the format wants it. */
export function parquetSchema(columns: Columns): SchemaElement[] {
  const root: SchemaElement = { name: 'schema', num_children: Object.keys(columns).length }
  return [root, ...fieldElements(columns)]
}

function fieldElements(columns: Columns): SchemaElement[] {
  return Object.entries(columns).flatMap(([name, type]) => elements(name, type))
}

function elements(name: string, type: ColumnType): SchemaElement[] {
  if (typeof type === 'string') return [{ name, repetition_type: 'OPTIONAL', ...PRIMITIVES[type] }]
  if ('struct' in type) {
    const group: SchemaElement = {
      name,
      repetition_type: 'OPTIONAL',
      num_children: Object.keys(type.struct).length,
    }
    return [group, ...fieldElements(type.struct)]
  }
  return [
    {
      name,
      repetition_type: 'OPTIONAL',
      num_children: 1,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...elements('element', type.list),
  ]
}

/** A JSON value as a cell of a column; null where the value is missing. */
export function toCell(value: Json | undefined, type: ColumnType): Cell {
  if (value === null || value === undefined) return null
  if (type === 'json') return JSON.stringify(value)
  if (type === 'int64') return BigInt(value as number)
  if (typeof type === 'string') return value
  if ('list' in type) return (value as readonly Json[]).map((item) => toCell(item, type.list))
  const struct = value as { readonly [key: string]: Json }
  const cell: Record<string, Cell> = {}
  for (const [name, field] of Object.entries(type.struct)) cell[name] = toCell(struct[name], field)
  return cell
}

/** Roughly the bytes a cell takes while a row group is collected. */
export function cellSize(cell: Cell): number {
  if (typeof cell === 'string') return cell.length
  if (typeof cell !== 'object' || cell === null) return 8
  let size = 8
  for (const part of Array.isArray(cell) ? (cell as readonly Cell[]) : Object.values(cell))
    size += cellSize(part)
  return size
}
