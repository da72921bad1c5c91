import type { Json } from '#shared/domain/trace.ts'
import { isList, isObject } from './record.ts'

/**
 * Text of a value: a string as it is, a number or boolean as written, a list of content parts or
 * strings joined. Null when the value has no text of its own (null, objects, mixed lists).
 */
export function toText(value: Json | undefined): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isList(value)) return listText(value)
  return null
}

function listText(list: readonly Json[]): string | null {
  if (list.length === 0) return null
  // Strings are separate lines or steps; content parts are pieces of one text.
  if (list.every((item) => typeof item === 'string')) return list.join('\n')
  let text: string | null = null
  for (const item of list) {
    const piece =
      typeof item === 'string'
        ? item
        : isObject(item) && typeof item['text'] === 'string'
          ? item['text']
          : null
    if (piece !== null) text = (text ?? '') + piece
  }
  return text
}

/** As `toText`, but objects and mixed lists become compact JSON: for reference answers of any kind. */
export function toReference(value: Json | undefined): string | null {
  if (value === null || value === undefined) return null
  if (isList(value) && value.length === 1 && !isList(value[0]) && !isObject(value[0])) return toText(value[0])
  if (typeof value === 'object') return JSON.stringify(value)
  return toText(value)
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/

/** A finite number from a number, numeric text, a boolean or a list of exactly one of these; else null. */
export function toNumber(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') {
    if (!NUMBER.test(value)) return null
    const number = Number(value)
    return Number.isFinite(number) ? number : null
  }
  if (isList(value) && value.length === 1 && !isList(value[0])) return toNumber(value[0])
  return null
}

/** A safe integer from anything `toNumber` reads; null when it is not whole. */
export function toInteger(value: Json | undefined): number | null {
  const number = toNumber(value)
  return number !== null && Number.isSafeInteger(number) ? number : null
}

const STEP_NAME = /^(?:global[-_]?step|step|checkpoint|ckpt|iter)[-_]?(\d+)$/i

/** A training step from a number or a name such as `checkpoint-1200`; null otherwise. */
export function toStep(value: Json | undefined): number | null {
  if (typeof value === 'string') {
    const named = STEP_NAME.exec(value.trim())
    if (named !== null) return toInteger(named[1])
  }
  return typeof value === 'boolean' ? null : toNumber(value)
}

/** A truth value from true/false, 0/1, their texts in any case, or a list of one; else null. */
export function toBoolean(value: Json | undefined): boolean | null {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : null
  if (typeof value === 'string') return BOOLEANS.get(value.trim().toLowerCase()) ?? null
  if (isList(value) && value.length === 1 && !isList(value[0])) return toBoolean(value[0])
  return null
}

const BOOLEANS = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
  ['1.0', true],
  ['0.0', false],
  ['yes', true],
  ['no', false],
])

/** An identifier as text: non-empty text or a number; null otherwise. */
export function toKey(value: Json | undefined): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' ? String(value) : null
}
