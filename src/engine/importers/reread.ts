import { parseRow } from './containers/csv-row.ts'
import { parseRecord } from './containers/parse-record.ts'
import { parseText } from './containers/text.ts'
import type { PrepareContext, PreparedTrace } from './prepare.ts'
import { prepareRecord, prepareReject } from './prepare-record.ts'
import type { PreparedBatch } from './reader.ts'
import type { ContainerItem, ContainerName, Mapping, Place, Shape } from './types.ts'

type Made = Pick<PreparedBatch, 'traces' | 'rejects'>

/** A rejected record as it is stored. */
export interface StoredRecord {
  container: ContainerName
  raw: Uint8Array
  at: Place
  /** Traces that it counts for. */
  traces: number
}

/** How the file of a rejected record was read. */
export interface Reading {
  file: string
  shape: Shape
  mapping: Mapping | null
  context: PrepareContext
}

/**
 * Reads a rejected record again, from mended bytes when there are some: the traces that it did not give
 * before, and the reject that is left. Null when nothing has changed.
 */
export async function reread(
  stored: StoredRecord,
  mended: Uint8Array | null,
  reading: Reading,
): Promise<Made | null> {
  const before = await parse(stored, stored.raw)
  if (mended === null) {
    const made = make(before, stored, reading)
    return made.rejects[0]?.traces === stored.traces ? null : made
  }
  const after = await parse(stored, mended)
  // Compared without the place within the record, which mending an element before may have moved.
  const anywhere = { ...reading, context: { ...reading.context, positional: false } }
  const isNew = notAmong(make(before, stored, anywhere).traces)
  const places = make(after, stored, anywhere).traces.map(isNew)
  const { traces, rejects } = make(after, stored, reading)
  return { traces: traces.filter((_, index) => places[index]), rejects }
}

async function parse({ container, at }: StoredRecord, raw: Uint8Array): Promise<ContainerItem> {
  const bytes = Buffer.from(raw)
  if (container === 'text') return parseText(bytes, at)
  // A row that was in order as a row is kept as JSON.
  if (container === 'csv' && !/^\s*\{/.test(bytes.toString('latin1', 0, 100))) return parseRow(bytes, at)
  return parseRecord(bytes, at)
}

/** What an item gives; when that is nothing, it counts for as much as before. */
function make(
  item: ContainerItem,
  { at, traces }: StoredRecord,
  { file, shape, mapping, context }: Reading,
): Made {
  if ('reject' in item) return { traces: [], rejects: [prepareReject({ ...item.reject, traces })] }
  const made = prepareRecord(item.record, shape, { file, state: new Map() }, mapping, context)
  if (made.traces.length + made.rejects.length > 0) return made
  const message = 'The record has no responses.'
  const raw = item.record.raw ?? new Uint8Array()
  return { traces: [], rejects: [prepareReject({ code: 'invalid_record', message, at, raw, traces })] }
}

/** Tells of traces one after another whether they are more than those known. */
function notAmong(known: readonly PreparedTrace[]): (trace: PreparedTrace) => boolean {
  const left = new Map<string, number>()
  const nameOf = ({ identity }: PreparedTrace): string => Buffer.from(identity).toString('hex')
  for (const trace of known) left.set(nameOf(trace), (left.get(nameOf(trace)) ?? 0) + 1)
  return (trace) => {
    const count = left.get(nameOf(trace)) ?? 0
    if (count > 0) left.set(nameOf(trace), count - 1)
    return count === 0
  }
}
