import type { Json, TraceDraft } from '#shared/domain/trace.ts'
import { compileMapping, type Extracted, type Extractor } from '../../mapping.ts'
import type { ContainerName, Mapping, Shape, ShapeContext, ShapeResult } from '../../types.ts'
import { isObject, own, ownObject, type JsonObject } from './record.ts'
import { kindOf, rejection } from './reject.ts'

/** Where a sample comes from, as `Shape.detect` is told. */
export interface SampleContext {
  file: string
  container: ContainerName
}

const extractors = new WeakMap<Mapping, Extractor>()

/** The compiled form of a mapping, compiled once per mapping object. */
function extractorOf(mapping: Mapping): Extractor {
  let extract = extractors.get(mapping)
  if (extract === undefined) {
    extract = compileMapping(mapping)
    extractors.set(mapping, extract)
  }
  return extract
}

/** The sampled records that are objects and not the `$document` header. */
export function records(sample: readonly Json[]): JsonObject[] {
  return sample.filter((value) => isObject(value) && !Object.hasOwn(value, '$document')) as JsonObject[]
}

/** Share of the sampled records that pass, 0 when there are none. */
export function share(sample: readonly Json[], passes: (record: JsonObject) => boolean): number {
  const found = records(sample)
  return found.length === 0 ? 0 : found.filter(passes).length / found.length
}

/** The record as an object. @throws CairnError `bad_request` on anything else */
export function recordOf(value: Json): JsonObject {
  if (isObject(value)) return value
  throw rejection(
    'invalid_record',
    `The record is ${kindOf(value)}; this format has one object with fields per record.`,
  )
}

const DOCUMENT = '$document'
const DOCUMENT_SEEN = '$document_seen'
/** Document fields up to this many characters of JSON go with every trace; larger ones only with the first. */
const SMALL_DOCUMENT = 4096

/** The fields around the big array of a JSON document (or an eval log's header); null when there were none. */
export function documentOf(context: ShapeContext): JsonObject | null {
  const document = context.state.get(DOCUMENT)
  return isObject(document) ? document : null
}

/** Keeps a `{ $document }` record in the state; false when the record is not one. */
function takeDocument(value: Json, context: ShapeContext): boolean {
  if (!isObject(value)) return false
  const document = ownObject(value, DOCUMENT)
  if (document === null || Object.keys(value).length !== 1) return false
  context.state.set(DOCUMENT, document)
  return true
}

/**
 * Adds the document's own fields to the metadata of traces as `document`, so that they are not lost:
 * to all when small, to the first trace of the file when large.
 */
function withDocument(
  traces: readonly TraceDraft[],
  context: ShapeContext,
  limit = SMALL_DOCUMENT,
): readonly TraceDraft[] {
  const document = documentOf(context)
  if (document === null || traces.length === 0 || Object.keys(document).length === 0) return traces
  let small = context.state.get(DOCUMENT_SEEN)
  const first = small === undefined
  if (small === undefined) {
    small = JSON.stringify(document).length <= limit
    context.state.set(DOCUMENT_SEEN, small)
  }
  if (small !== true && !first) return traces
  return traces.map((trace, index) => {
    if ((small !== true && index > 0) || Object.hasOwn(trace.metadata, 'document')) return trace
    return { ...trace, metadata: { ...trace.metadata, document } }
  })
}

function readMapped(record: JsonObject, mapping: Mapping): Extracted {
  const extracted = extractorOf(mapping)(record)
  const [only] = extracted.rejects
  if (extracted.traces.length === 0 && extracted.rejects.length === 1 && only !== undefined) {
    throw rejection(only.code, only.message)
  }
  return extracted
}

/** A shape that is nothing but a mapping of fields. */
interface MappingShape {
  id: string
  title: string
  detect: Shape['detect']
  /** As `Shape.positional`. */
  positional?: boolean
  fields: (sample: readonly JsonObject[], all: readonly Json[]) => Mapping['fields']
  /** Facts the mapping cannot say, from the record or the file name. */
  adjust?: (trace: TraceDraft, record: JsonObject, context: ShapeContext) => TraceDraft
}

/** Makes a `Shape` of a `MappingShape`. */
export function mappingShape({ id, title, detect, fields, adjust, positional = false }: MappingShape): Shape {
  const mapping = (sample: readonly Json[]): Mapping => ({
    shape: id,
    fields: fields(records(sample), sample),
  })
  const fallback = new WeakMap<ShapeContext, Mapping>()
  return {
    id,
    title,
    positional,
    detect,
    mapping,
    read(value, context, given) {
      if (takeDocument(value, context)) return { header: true }
      let used = given ?? fallback.get(context)
      if (used === undefined) {
        used = mapping([value])
        fallback.set(context, used)
      }
      const { traces, rejects } = extractorOf(used)(value)
      const only = rejects[0]
      if (traces.length === 0 && rejects.length === 1 && only !== undefined)
        throw rejection(only.code, only.message)
      const record = value as JsonObject
      const adjusted = adjust === undefined ? traces : traces.map((trace) => adjust(trace, record, context))
      return { traces: withDocument(adjusted, context), rejects }
    },
  }
}

/** A shape whose records need code of their own. */
interface CodedShape {
  id: string
  title: string
  detect: Shape['detect']
  /** As `Shape.positional`. */
  positional?: boolean
  /** As `Shape.remembers`. */
  remembers?: boolean
  read: (record: JsonObject, context: ShapeContext) => ShapeResult
  /**
   * Where the document's own fields go: with every trace when small (default), with the first trace
   * only, or nowhere because `read` places them.
   */
  document?: 'small' | 'first' | 'placed'
}

/**
 * Makes a `Shape` of a `CodedShape`: `$document` headers and non-objects are dealt with here, and a
 * mapping of the user's takes the place of the code.
 */
export function codedShape({
  id,
  title,
  detect,
  read,
  positional = false,
  remembers = false,
  document = 'small',
}: CodedShape): Shape {
  return {
    id,
    title,
    positional,
    remembers,
    detect,
    mapping: () => null,
    read(value, context, mapping) {
      if (takeDocument(value, context)) return { header: true }
      const record = recordOf(value)
      const result = mapping === null ? read(record, context) : readMapped(record, mapping)
      if (!('traces' in result) || document === 'placed') return result
      return {
        ...result,
        traces: withDocument(result.traces, context, document === 'first' ? 0 : SMALL_DOCUMENT),
      }
    },
  }
}

/** A trace with nothing known but its texts, for shapes to fill in. */
export function blankTrace(prompt: string, response: string, metadata: TraceDraft['metadata']): TraceDraft {
  return {
    run: null,
    checkpoint: null,
    key: null,
    sample: null,
    prompt,
    messages: null,
    response,
    reference: null,
    reward: null,
    correct: null,
    truncated: null,
    tokens: null,
    metadata,
  }
}

/** Whether a record has all of the fields. */
export function hasAll(record: JsonObject, ...keys: readonly string[]): boolean {
  return keys.every((key) => own(record, key) !== undefined)
}
