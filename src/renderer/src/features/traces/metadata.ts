import type { FilterInput } from '#shared/contract/filter.ts'

type Condition = NonNullable<FilterInput['metadata']>[number]
export type MetadataOperator = Condition['op']

export const METADATA_OPERATORS: readonly MetadataOperator[] = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'contains',
  'exists',
]

/** What a person typed as the value that JSON would have there: a number, true, false, null, else the text. */
export function metadataValue(text: string): string | number | boolean | null {
  const trimmed = text.trim()
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true'
  if (trimmed === 'null') return null
  const quoted = /^"(.*)"$/.exec(trimmed)
  if (quoted !== null) return quoted[1]!
  const number = Number(trimmed)
  return trimmed !== '' && Number.isFinite(number) ? number : text
}

/** Writes a condition for an address. */
export function formatCondition({ path, op, value }: Condition): string {
  return JSON.stringify(value === undefined ? [path, op] : [path, op, value])
}

/** Reads what `formatCondition` wrote; null when it is not that. */
export function parseCondition(text: string): Condition | null {
  let parts: unknown
  try {
    parts = JSON.parse(text)
  } catch {
    return null
  }
  if (!Array.isArray(parts)) return null
  const [path, op, value] = parts as unknown[]
  if (typeof path !== 'string' || path === '' || path.length > 500) return null
  if (!METADATA_OPERATORS.includes(op as MetadataOperator)) return null
  const condition = { path, op: op as MetadataOperator }
  if (value === undefined) return op === 'exists' ? condition : null
  const plain = value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return plain ? { ...condition, value: value as string | number | boolean | null } : null
}
