import { MAPPED_FIELDS } from '#shared/contract/imports.ts'
import type { Json, TraceDraft } from '#shared/domain/trace.ts'
import type { Mapping, RejectCode } from './types.ts'
import { draft } from './shapes/support/draft.ts'
import { branches, parsePath, resolve, type Branch } from './shapes/support/path.ts'
import { invalidMapping, planOf } from './shapes/support/plan.ts'
import { isObject, type JsonObject } from './shapes/support/record.ts'
import { kindOf, noResponse, rejection } from './shapes/support/reject.ts'

export { MAPPED_FIELDS }

/** What a mapping made of one record. Both lists are empty only for a record that fans out to nothing. */
export interface Extracted {
  traces: TraceDraft[]
  rejects: { code: RejectCode; message: string }[]
}

/** A mapping ready to run: paths are parsed once, not once a record. */
export type Extractor = (value: Json) => Extracted

const NO_BRANCH: Branch = { indices: [], lengths: [] }

/**
 * Compiles a mapping. The response's `[*]`s fan a record out into one trace per element, numbered by
 * `sample` in document order; other fields with `[*]` are zipped with it level by level, so
 * `a[*].score` and `a[*].texts[*]` give every text the score of its element.
 *
 * A field whose value cannot be read as its kind (a reward "n/a", a list of several scores) stays null
 * and its value stays in the metadata; every field read is left out of it. Without a `response` path
 * the response is the last assistant message of `messages`.
 * @throws CairnError `mapping_invalid`
 */
export function compileMapping(mapping: Mapping): Extractor {
  const plan = planOf(mapping)
  const { responsePath } = plan
  if (responsePath.fans === 0) {
    return (value) => {
      const trace = draft(plan, recordOf(value), NO_BRANCH, null)
      return typeof trace === 'string'
        ? { traces: [], rejects: [{ code: 'no_response', message: trace }] }
        : { traces: [trace], rejects: [] }
    }
  }
  return (value) => {
    const record = recordOf(value)
    const extracted: Extracted = { traces: [], rejects: [] }
    branches(record, responsePath.steps).forEach((branch, ordinal) => {
      const trace = draft(plan, record, branch, ordinal)
      if (typeof trace === 'string') extracted.rejects.push({ code: 'no_response', message: trace })
      else extracted.traces.push(trace)
    })
    if (extracted.traces.length + extracted.rejects.length === 0) {
      extracted.rejects.push({ code: 'no_response', message: noResponse(responsePath.text, 'no elements') })
    }
    return extracted
  }
}

/**
 * The traces a mapping makes of one record. Prefer `compileMapping` for more than one.
 * @throws CairnError `mapping_invalid`; `bad_request` when any trace of the record has no response
 */
export function applyMapping(value: Json, mapping: Mapping): TraceDraft[] {
  const { traces, rejects } = compileMapping(mapping)(value)
  if (rejects[0] !== undefined) throw rejection(rejects[0].code, rejects[0].message)
  return traces
}

/**
 * Checks a mapping somebody wrote against sampled records: paths parse, every path finds something
 * somewhere, and at least one record yields a trace.
 * @throws CairnError `mapping_invalid` naming the field, the path and the fields there are
 */
export function validateMapping(mapping: Mapping, sample: readonly Json[]): void {
  const extract = compileMapping(mapping)
  const records = sample.filter(
    (value) => isObject(value) && !Object.hasOwn(value, '$document'),
  ) as JsonObject[]
  if (records.length === 0) return
  for (const field of MAPPED_FIELDS) {
    const text = mapping.fields[field]
    if (text === undefined) continue
    const { steps, fans } = parsePath(text)
    const found = records.some((record) =>
      fans === 0
        ? resolve(record, steps, []) !== undefined
        : branches(record, steps).some((branch) => resolve(record, steps, branch.indices) !== undefined),
    )
    if (!found) {
      const seen = [...new Set(records.flatMap((record) => Object.keys(record)))]
      throw invalidMapping(
        `The path "${text}" for ${field} finds nothing in the sampled records. ${fieldsSeen(seen)}`,
        field,
        text,
      )
    }
  }
  if (records.some((record) => extract(record).traces.length > 0)) return
  const reason = extract(records[0] as JsonObject).rejects[0]?.message ?? 'no trace came out'
  throw invalidMapping(
    `No sampled record yields a trace with this mapping: ${reason}`,
    'response',
    mapping.fields.response ?? '',
  )
}

/** "Fields seen: a, b, c" for messages, cut after thirty names. */
export function fieldsSeen(names: readonly string[]): string {
  const shown = names.slice(0, 30).join(', ')
  return `Fields seen: ${shown}${names.length > 30 ? ` and ${names.length - 30} more` : ''}.`
}

function recordOf(value: Json): JsonObject {
  if (isObject(value)) return value
  throw rejection(
    'invalid_record',
    `The record is ${kindOf(value)}, not an object with fields, so the mapping has nothing to read.`,
  )
}
