import { isUtf8 } from 'node:buffer'
import type { Json } from '#shared/domain/trace.ts'

/**
 * A decoded value as plain JSON: integers beyond 2^53 as decimal strings, dates as ISO 8601, bytes as text
 * when they are UTF-8 and as Base64 otherwise, NaN and infinities as the strings JSON files get for them.
 */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
        ? Number(value)
        : value.toString()
    case 'object':
      return value === null ? null : objectToJson(value)
    default:
      return null
  }
}

function objectToJson(value: object): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    return bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64')
  }
  if (Array.isArray(value)) return value.map(toJson)
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<unknown>, toJson)
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
}
