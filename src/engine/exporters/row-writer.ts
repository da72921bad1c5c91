import type { Row } from './layouts.ts'

/** Takes the next bytes of a file; they may be reused by the caller once the promise is kept. */
export type Sink = (bytes: Uint8Array) => Promise<void>

/** A container that takes rows one by one and holds no more of them in memory than it must. */
export interface RowWriter {
  write(row: Row): Promise<void>
  /** Writes what is still held back. Nothing may be written after it. */
  finish(): Promise<void>
}
