import { z } from 'zod'
import type { Contract } from '#shared/contract/contract.ts'
import { MappingSchema, type FilePreview } from '#shared/contract/imports.ts'
import type { PreparedTrace } from './prepare.ts'
import type { ContainerName, Mapping } from './types.ts'

/** A rejected record ready for the store. */
export interface PreparedReject {
  code: string
  message: string
  row: number
  line: number | null
  offset: number | null
  traces: number
  raw: Uint8Array
}

/** How far into a file an import has come; stored with the rows it covers, in one transaction. */
export interface ImportCursor {
  /** Container items (records and rejects) consumed. */
  items: number
  /** Place of the last of them. */
  at: { line: number | null; row: number; offset: number | null }
}

export interface PlannedFile {
  name: string
  path: string | null
  bytes: number
}

export interface OpenedFile {
  container: ContainerName
  shape: string
  mapping: Mapping | null
  run: string
  checkpoint: number | null
}

export interface PreparedBatch {
  traces: PreparedTrace[]
  rejects: PreparedReject[]
  /** Why records were passed over, each reason once a file. */
  passedOver: string[]
  cursor: ImportCursor
  /** Bytes of the file on disk consumed so far. */
  bytes: number
}

export const Overrides = z.object({
  run: z.string().nullable(),
  checkpoint: z.number().nullable(),
  shape: z.string().nullable(),
  mapping: MappingSchema.nullable(),
})
export type Overrides = z.infer<typeof Overrides>

const Cursor = z.object({
  items: z.int(),
  at: z.object({ line: z.int().nullable(), row: z.int(), offset: z.number().nullable() }),
})

const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)

/** What the import thread does for the engine: it reads, parses and prepares; it never writes. */
export const reader = {
  /** Lists the files behind paths (folders, archives, `-`; from `base` on), in the order they are imported. */
  plan: {
    input: z.object({ paths: z.array(z.string()), base: z.string().optional() }),
    output: z.custom<{ files: PlannedFile[]; skipped: { name: string; reason: string }[] }>(),
  },
  preview: {
    input: z.object({ index: z.int(), overrides: Overrides, records: z.int() }),
    output: z.custom<FilePreview>(),
  },
  /** Starts reading a planned file, after a cursor when given. */
  open: {
    input: z.object({ index: z.int(), overrides: Overrides, cursor: Cursor.nullable() }),
    output: z.custom<OpenedFile>(),
  },
  /** The next batch of the open file; null at its end. */
  next: { input: z.object({}), output: z.custom<PreparedBatch | null>() },
  /** SHA-256 of the file on disk, hex; of the contents where they came through a pipe. */
  fingerprint: { input: z.object({ index: z.int() }), output: z.string() },
  /** Reads a rejected record again, as the given shape; null when nothing has changed. */
  reread: {
    input: z.object({
      raw: Bytes,
      mended: Bytes.nullable(),
      traces: z.int(),
      container: z.custom<ContainerName>(),
      file: z.string(),
      shape: z.string(),
      mapping: MappingSchema.nullable(),
      run: z.string(),
      checkpoint: z.number().nullable(),
      overrides: Overrides,
      at: Cursor.shape.at,
    }),
    output: z.custom<{ traces: PreparedTrace[]; rejects: PreparedReject[] } | null>(),
  },
} satisfies Contract
