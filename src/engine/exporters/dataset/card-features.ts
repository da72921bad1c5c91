import type { ColumnType, Columns } from '../columns.ts'

const DTYPES: Readonly<Record<Extract<ColumnType, string>, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  json: 'string',
}

/**
 * Columns as the lines of YAML under `features:` in the card of a Hugging Face dataset. Without them `datasets` takes
 * the types of JSONL from its first 10 MB, where a column may hold nothing but nulls, or whole numbers only.
 */
export function featureLines(columns: Columns, indent = ''): string[] {
  return Object.entries(columns).flatMap(([name, type]) => [
    `${indent}- name: ${name}`,
    ...typeLines(type, `${indent}  `),
  ])
}

function typeLines(type: ColumnType, indent: string): string[] {
  if (typeof type === 'string') return [`${indent}dtype: ${DTYPES[type]}`]
  if ('struct' in type) return [`${indent}struct:`, ...featureLines(type.struct, indent)]
  const { list } = type
  if (typeof list === 'string') return [`${indent}list: ${DTYPES[list]}`]
  if ('struct' in list) return [`${indent}list:`, ...featureLines(list.struct, indent)]
  return [`${indent}list:`, ...typeLines(list, `${indent}  `)]
}
