import { CairnError } from '#shared/errors.ts'
import type { RejectCode } from '../../types.ts'

/** The error a shape throws for a record it cannot make a trace of; `details.reject` is the RejectCode. */
export function rejection(code: RejectCode, message: string): CairnError {
  return new CairnError('bad_request', message, { reject: code })
}

/** The message of a record that has no response text at `where`. */
export function noResponse(where: string, found: string): string {
  return `no_response: expected text at "${where}", found ${found}. Check the field mapping, or mend the record and retry.`
}

/** A value's kind in words, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
