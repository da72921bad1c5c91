import { readFileSync } from 'node:fs'
import type { Json, TraceDraft } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import { detectShape, type Detection } from '#engine/importers/detect.ts'
import type { ContainerName, ShapeContext } from '#engine/importers/types.ts'

/** Everything a file's records became, with the record each trace came from. */
export interface ReadFile {
  detection: Detection
  traces: { trace: TraceDraft; record: Json }[]
  rejects: string[]
  headers: number
}

/** Records as the containers deliver them: lines, array elements, or a document's big array after `$document`. */
export function recordsOf(file: string, bigArray?: string): Json[] {
  const text = readFileSync(file, 'utf8')
  if (file.endsWith('.jsonl')) {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Json)
  }
  const value = JSON.parse(text) as Json
  if (Array.isArray(value)) return value as Json[]
  if (bigArray === undefined) return [value]
  const { [bigArray]: rows, ...document } = value as Record<string, Json>
  return [{ $document: document }, ...(rows as Json[])]
}

/** Detects on the first fifty records and reads all, as an import does. */
export function readRecords(
  records: readonly Json[],
  file: string,
  container: ContainerName = 'jsonl',
): ReadFile {
  const detection = detectShape(records.slice(0, 50), { file, container })
  const context: ShapeContext = { file, state: new Map() }
  const result: ReadFile = { detection, traces: [], rejects: [], headers: 0 }
  const { shape, mapping } = detection
  if (shape === null) return result
  for (const record of records) {
    try {
      const read = shape.read(record, context, mapping)
      if ('header' in read) result.headers++
      else if ('traces' in read) {
        for (const trace of read.traces) result.traces.push({ trace, record })
        for (const { message } of read.rejects ?? []) result.rejects.push(message)
      }
    } catch (error) {
      if (!(error instanceof CairnError)) throw error
      result.rejects.push(error.message)
    }
  }
  return result
}

/** Every text, number and truth value in a JSON value, as a set of their texts. */
export function leaves(value: unknown, into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) value.forEach((item) => leaves(item, into))
  else if (typeof value === 'object' && value !== null)
    Object.values(value).forEach((item) => leaves(item, into))
  else if (typeof value === 'string') into.add(value)
  else if (typeof value === 'number' || typeof value === 'boolean') into.add(String(value))
  return into
}

/**
 * Leaves of a record that none of its traces hold in any field: what an import would lose. A text inside
 * a longer trace text counts as held; truth values and 0/1 count when the trace has a verdict.
 */
export function lost(record: Json, traces: readonly TraceDraft[]): string[] {
  const held = leaves(traces)
  const texts = [...held].filter((text) => text.length > 20)
  const verdict = traces.some(({ correct }) => correct !== null)
  return [...leaves(record)].filter(
    (leaf) =>
      leaf !== '' &&
      !held.has(leaf) &&
      !(verdict && ['true', 'false', '0', '1', 'C', 'I', 'P', 'N'].includes(leaf)) &&
      !texts.some((text) => text.includes(leaf)),
  )
}
