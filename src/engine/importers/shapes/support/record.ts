import type { Json } from '#shared/domain/trace.ts'

/** A JSON object: the only kind of value that has named fields. */
export type JsonObject = { readonly [key: string]: Json }

/** Whether a value is a JSON object (not an array, not null). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is a JSON array. `Array.isArray` alone does not narrow readonly arrays. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The record's own field; never something inherited, so a path `constructor` finds nothing. */
export function own(record: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** The record's own field when it is text, else null. */
export function ownText(record: JsonObject, key: string): string | null {
  const value = own(record, key)
  return typeof value === 'string' ? value : null
}

/** The record's own field when it is an object, else null. */
export function ownObject(record: JsonObject, key: string): JsonObject | null {
  const value = own(record, key)
  return isObject(value) ? value : null
}

/** The record's own field when it is a list, else null. */
export function ownList(record: JsonObject, key: string): readonly Json[] | null {
  const value = own(record, key)
  return isList(value) ? value : null
}

/** Sets a field as an own property, `__proto__` included (plain assignment would set the prototype). */
export function put(target: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[key] = value
  }
}

/** A shallow copy without the named fields: what is left for metadata. */
export function without(record: JsonObject, taken: readonly string[]): Record<string, Json> {
  const rest: Record<string, Json> = {}
  for (const key of Object.keys(record)) {
    if (!taken.includes(key)) put(rest, key, record[key] as Json)
  }
  return rest
}
