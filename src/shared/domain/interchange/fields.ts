import { z } from 'zod'
import { CairnError } from '../../errors.ts'
import type { OffsetConverter } from '../offsets.ts'
import type { Span } from '../trace.ts'

/** Annotator of labels that name none. */
export const UNNAMED = 'unnamed'

/** Who has made a label; a name that is blank names nobody. */
export const AnnotatorName = z
  .string()
  .max(200)
  .transform((name) => (name.trim() === '' ? UNNAMED : name))

/** The error for a row that cannot be read; `field` is a path such as `annotations[3].end`. */
export function invalidField(field: string, problem: string): CairnError {
  return new CairnError('bad_request', `${field} ${problem}`, { field })
}

/**
 * Parses a row by its schema.
 * @throws CairnError `bad_request` naming the first field that does not fit
 */
export function parseRow<T>(schema: z.ZodType<T>, row: unknown): T {
  const parsed = schema.safeParse(row)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  throw invalidField(fieldPath(issue.path), `does not fit: ${issue.message}`)
}

/**
 * The UTF-16 offset for an offset in a file.
 * @throws CairnError `bad_request` when it lies outside the text or inside a character
 */
export function readOffset(offsets: OffsetConverter, value: number, field: string): number {
  if (!Number.isInteger(value) || value < 0 || value > offsets.length) {
    throw invalidField(field, `is ${value}, outside the text, which ends at ${offsets.length}`)
  }
  const offset = offsets.toUtf16(value)
  if (offsets.fromUtf16(offset) !== value) throw invalidField(field, `is ${value}, inside a character`)
  return offset
}

/**
 * A span that holds at least one character.
 * @throws CairnError `bad_request`
 */
export function readSpan(
  offsets: OffsetConverter,
  [start, end]: readonly [number, number],
  [startField, endField]: readonly [string, string],
): Span {
  const span = { start: readOffset(offsets, start, startField), end: readOffset(offsets, end, endField) }
  if (span.start >= span.end) throw invalidField(endField, `is ${end}, not after the start at ${start}`)
  return span
}

/**
 * Step boundaries `[start0, end0, …]` in UTF-16 from pairs in the converter's unit.
 * @throws CairnError `bad_request` when a step is empty, or begins before the one before it ends
 */
export function readSteps(
  offsets: OffsetConverter,
  steps: readonly (readonly [number, number])[],
): Uint32Array<ArrayBuffer> {
  const bounds = new Uint32Array(steps.length * 2)
  for (const [index, step] of steps.entries()) {
    const fields = [`steps[${index}][0]`, `steps[${index}][1]`] as const
    const { start, end } = readSpan(offsets, step, fields)
    if (index > 0 && start < bounds[index * 2 - 1]!) {
      throw invalidField(fields[0], `is ${step[0]}, before the end of the step before it`)
    }
    bounds.set([start, end], index * 2)
  }
  return bounds
}

function fieldPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return text.replace(/^\./, '') || 'the row'
}
