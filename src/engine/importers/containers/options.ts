import type { ContainerItem, Place } from '../types.ts'

/** How a container is read. */
export interface ReadOptions {
  /** Go on at this record: the place of the first record to deliver. Absent: from the beginning. */
  start?: Place
  /** Told the bytes consumed on disk, for progress. */
  onRead?: (bytesOnDisk: number) => void
  /** Bytes of the largest record that is parsed; longer ones are rejected. */
  recordLimit?: number
}

export type Batches = AsyncIterable<readonly ContainerItem[]>

/** The largest record that is parsed by default. V8 cannot hold strings much above twice this. */
export const RECORD_LIMIT = 256 * 1024 * 1024

/** Deepest nesting of a record; anything deeper is no trace and would overflow recursive readers. */
export const DEPTH_LIMIT = 256

/** Items and bytes after which a batch is handed over. */
export const BATCH_ITEMS = 512
export const BATCH_BYTES = 1024 * 1024

/**
 * Row of the item that holds what a document says beside its records (`{ $document: … }`): it stands
 * before the first record.
 */
export const DOCUMENT_ROW = -1
