import type { MAPPED_FIELDS } from '#shared/contract/imports.ts'
import type { Json, TraceDraft } from '#shared/domain/trace.ts'

/** Where a record stands in its file, for people (line or row, 1-based) and for seeking (byte offset). */
export interface Place {
  /** 1-based line of the record's first byte, in line-oriented and text formats. */
  line: number | null
  /** 0-based index of the record (row, array element) in its file. */
  row: number
  /** Byte offset of the record in the decompressed file; null where the format has none (Parquet). */
  offset: number | null
}

/** Why a record was set aside. */
export type RejectCode =
  | 'invalid_json'
  | 'torn_record' // the file ends in the middle of it
  | 'invalid_encoding'
  | 'record_too_large'
  | 'too_deep'
  | 'invalid_csv'
  | 'invalid_parquet'
  | 'no_response' // the shape has a response field and this record lacks it or it is not text
  | 'unknown_shape'
  | 'invalid_record' // anything else the shape reader cannot make a trace of

/** A record that could not become a trace. It costs only itself. */
export interface Reject {
  code: RejectCode
  /** One sentence for a person: what is wrong and where in the record. */
  message: string
  at: Place
  /** The record's bytes, at most RAW_LIMIT of them. */
  raw: Uint8Array
  /** Number of traces that are missing for it, when known; 1 otherwise. */
  traces: number
}

/** Bytes of a rejected record that are kept. */
export const RAW_LIMIT = 1024 * 1024

/** One record out of a container (a line, an array element, a row), parsed but not interpreted. */
export interface RawRecord {
  value: Json
  at: Place
  /** Bytes that give this value again (for rejects); null where the container has none (Parquet). */
  raw: Uint8Array | null
}

export type ContainerItem = { record: RawRecord } | { reject: Reject }

/**
 * One readable file after directories, archives and compression are peeled off. Opening twice gives
 * the same bytes twice, except for standard input, which is spooled to a temporary file first.
 */
export interface InputFile {
  /** For people and for provenance: path, or `archive.zip!member`. Always forward slashes. */
  name: string
  /** Absolute path of the file on disk that holds it; null for standard input. */
  path: string | null
  /** Bytes on disk (compressed size when compressed): what progress is measured against. */
  size: number
  compression: 'none' | 'gzip' | 'zstd'
  /**
   * Decompressed bytes from `offset` on. `onRead` is told the bytes consumed on disk, for progress.
   * @throws CairnError `input_unreadable`
   */
  open(options?: { offset?: number; onRead?: (bytesOnDisk: number) => void }): AsyncIterable<Uint8Array>
  /** Set when the way the file was found decides its container (an Inspect log, a problem folder). */
  container?: ContainerName
  /**
   * Path of a file holding exactly the decompressed bytes, for random access (Parquet, archives);
   * absent when the bytes can only be streamed.
   */
  seekable?: string
  /** The files that make one record together, by role (`problem` → problem.json). */
  parts?: { readonly [role: string]: InputFile }
}

export type ContainerName = 'jsonl' | 'json' | 'csv' | 'parquet' | 'inspect_eval' | 'thought_anchors' | 'text'

/** A mapping from trace fields to paths in a record (`a.b[0].c`; `a[*].b` fans out into several traces). */
export interface Mapping {
  /** The shape reader this mapping belongs to. */
  shape: string
  /** Trace field → path; a field left out is null in every trace. */
  fields: Partial<Record<MappedField, string>>
}

export type MappedField = (typeof MAPPED_FIELDS)[number]

/** What shape readers know about the file around a record. */
export interface ShapeContext {
  file: string
  /** Carried between records of one file: header objects of mixed-shape arrays, log-level facts. */
  state: Map<string, Json>
}

/**
 * What a record became. `header` marks a record that describes the file and is no trace by design, `passedOver` says
 * why one that could be a trace is left out.
 */
export type ShapeResult =
  | { traces: readonly TraceDraft[]; rejects?: readonly { code: RejectCode; message: string }[] }
  | { header: true }
  | { passedOver: string }

/** Reads one family of records. Pure: no files, no database. */
export interface Shape {
  /** Stable id, for example `verl_rollout`; stored with the source. */
  id: string
  /** For people. */
  title: string
  /**
   * The records are samples of a policy, so two that agree in every field are two samples, not one
   * record twice: their place in the file tells them apart.
   */
  positional?: boolean
  /** What becomes of a record depends on all those before it, which reading on therefore reads again. */
  remembers?: boolean
  /**
   * How surely the sampled records are of this shape: 0 (no) to 1 (certain). Specific shapes score
   * above generic ones.
   */
  detect(sample: readonly Json[], context: { file: string; container: ContainerName }): number
  /** The mapping this shape would use, for showing and editing; null when the shape is not a mapping. */
  mapping(sample: readonly Json[]): Mapping | null
  /**
   * @throws CairnError `bad_request` when the record cannot become a trace; the caller makes a reject.
   * `details.reject` is then the RejectCode.
   */
  read(value: Json, context: ShapeContext, mapping: Mapping | null): ShapeResult
}
