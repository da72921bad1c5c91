import { toCairnError } from '#shared/errors.ts'
import { prepareTrace, type PrepareContext } from './prepare.ts'
import type { PreparedBatch, PreparedReject } from './reader.ts'
import {
  RAW_LIMIT,
  type Mapping,
  type RawRecord,
  type Reject,
  type RejectCode,
  type Shape,
  type ShapeContext,
} from './types.ts'

/**
 * What one record becomes: traces, rejects, or neither when it is a header of its file. Never throws:
 * whatever is wrong with a record is a reject of that record.
 */
export function prepareRecord(
  record: RawRecord,
  shape: Shape,
  state: ShapeContext,
  mapping: Mapping | null,
  context: PrepareContext,
): Pick<PreparedBatch, 'traces' | 'rejects'> {
  const reject = (message: string, code: RejectCode = 'invalid_record'): PreparedReject =>
    prepareReject({
      code,
      message,
      at: record.at,
      raw: record.raw ?? rawOf(record.value),
      traces: 1,
    })
  try {
    const result = shape.read(record.value, state, mapping)
    if ('header' in result) return { traces: [], rejects: [] }
    return {
      traces: result.traces.map((draft, index) => prepareTrace(draft, record.at, index, context)),
      rejects: (result.rejects ?? []).map(({ code, message }) => reject(message, code)),
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

/** Containers without bytes of a record (Parquet) keep its JSON instead. */
function rawOf(value: unknown): Uint8Array {
  try {
    return new TextEncoder().encode(JSON.stringify(value) ?? '')
  } catch {
    return new Uint8Array()
  }
}
