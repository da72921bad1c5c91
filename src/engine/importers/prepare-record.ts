import { toCairnError } from '#shared/errors.ts'
import { prepareTrace, type PrepareContext, type PreparedTrace } from './prepare.ts'
import type { PreparedReject } from './reader.ts'
import {
  RAW_LIMIT,
  type Mapping,
  type RawRecord,
  type Reject,
  type RejectCode,
  type Shape,
  type ShapeContext,
} from './types.ts'

/** What one record becomes. */
export interface PreparedRecord {
  traces: PreparedTrace[]
  rejects: PreparedReject[]
  /** Why it makes no trace although nothing is wrong with it and it is no header. */
  passedOver?: string
}

/**
 * What one record becomes: traces, a reject that counts its bad elements, both, or neither only when it is a
 * header of its file or passed over. Never throws: whatever is wrong with a record is a reject of that record.
 */
export function prepareRecord(
  record: RawRecord,
  shape: Shape,
  state: ShapeContext,
  mapping: Mapping | null,
  context: PrepareContext,
): PreparedRecord {
  const reject = (message: string, code: RejectCode = 'invalid_record', traces = 1): PreparedReject =>
    prepareReject({ code, message, at: record.at, raw: record.raw ?? rawOf(record.value), traces })
  try {
    const result = shape.read(record.value, state, mapping)
    if ('header' in result) return { traces: [], rejects: [] }
    if ('passedOver' in result) return { traces: [], rejects: [], passedOver: result.passedOver }
    const bad = result.rejects ?? []
    const [first] = bad
    const elements = result.traces.length + bad.length
    if (elements === 0)
      return { traces: [], rejects: [reject('The record has no responses.', 'no_response')] }
    const told = elements > 1 ? ` Bad elements of this record: ${bad.length} of ${elements}.` : ''
    return {
      traces: result.traces.map((draft, index) => prepareTrace(draft, record.at, index, context)),
      // One for all: each would hold the whole record, and mending one mends them all.
      rejects: first === undefined ? [] : [reject(first.message + told, first.code, bad.length)],
    }
  } catch (thrown) {
    const { message, details } = toCairnError(thrown)
    return { traces: [], rejects: [reject(message, details['reject'] as RejectCode | undefined)] }
  }
}

/** A reject ready for the store; the bytes are a copy, since a view would carry its whole buffer along. */
export function prepareReject({ code, message, at, raw, traces }: Reject): PreparedReject {
  return {
    code,
    message,
    row: at.row,
    line: at.line,
    offset: at.offset,
    traces,
    raw: new Uint8Array(raw.subarray(0, RAW_LIMIT)),
  }
}

/** Containers whose bytes alone do not make the record (Parquet, a row of a table) keep its JSON instead. */
function rawOf(value: unknown): Uint8Array {
  try {
    return new TextEncoder().encode(JSON.stringify(value) ?? '')
  } catch {
    return new Uint8Array()
  }
}
