import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Empty, JsonValue, SourceId } from './common.ts'
import { Job } from './jobs.ts'

/** The fields of a trace that a mapping may set, in the order they are shown. */
export const MAPPED_FIELDS = [
  'run',
  'checkpoint',
  'key',
  'sample',
  'prompt',
  'messages',
  'response',
  'reasoning',
  'reference',
  'reward',
  'correct',
  'truncated',
  'tokens',
] as const

/** Trace field → path in a record; see `docs/import.md` for the path language. */
export const MappingSchema = z.object({
  shape: z.string(),
  fields: z.partialRecord(z.enum(MAPPED_FIELDS), z.string()),
})

/** How records are to be read where that is not what detection finds. */
const Reading = z.object({
  run: z.string().min(1).optional(),
  checkpoint: z.number().optional(),
  shape: z.string().optional(),
  mapping: MappingSchema.optional(),
})

export const ImportInput = Reading.extend({
  paths: z.array(z.string()).min(1),
  /** Folder that relative paths start from, kept with the job; where the engine works when not given. */
  base: z.string().optional(),
  /** Files behind the paths, named as the preview names them, that are read otherwise or not at all. */
  files: z.array(Reading.extend({ file: z.string(), leaveOut: z.boolean().optional() })).optional(),
})
export type ImportInput = z.infer<typeof ImportInput>

export const ImportCounts = z.object({
  read: z.int(),
  imported: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
})
export type ImportCounts = z.infer<typeof ImportCounts>

export const FilePreview = z.object({
  file: z.string(),
  container: z.string(),
  shape: z.string().nullable(),
  shapeTitle: z.string(),
  score: z.number(),
  mapping: MappingSchema.nullable(),
  run: z.string().nullable(),
  checkpoint: z.number().nullable(),
  records: z.array(JsonValue),
  traces: z.array(z.object({ prompt: z.string(), response: z.string() })),
  /** Why a record is rejected, or why the file cannot be read. */
  problem: z.string().nullable(),
  /** Nothing comes out of the file: its problem is not that of single records. */
  fatal: z.boolean(),
})
export type FilePreview = z.infer<typeof FilePreview>

export const RejectRow = z.object({
  id: z.int(),
  sourceId: SourceId,
  file: z.string(),
  code: z.string(),
  message: z.string(),
  line: z.int().nullable(),
  row: z.int(),
  offset: z.number().nullable(),
  raw: z.string(),
})
export type RejectRow = z.infer<typeof RejectRow>

export const imports = {
  /** What each file would become, from its first records; changes nothing. */
  'imports.preview': {
    input: ImportInput.extend({ records: z.int().min(1).max(100).default(5) }),
    output: z.object({
      files: z.array(FilePreview),
      skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
    }),
  },
  /** Every shape that can be asked for, the most specific first. */
  'imports.shapes': {
    input: Empty,
    output: z.array(z.object({ id: z.string(), title: z.string() })),
  },
  'imports.start': { input: ImportInput, output: Job },
  'imports.rejects': {
    input: z.object({
      sourceId: SourceId.optional(),
      after: z.int().default(0),
      limit: z.int().min(1).max(10_000).default(100),
    }),
    output: z.array(RejectRow),
  },
  /** Tries the stored rejects again, with `replacement` text for those a person has mended. */
  'imports.retry': {
    input: z.object({
      ids: z.array(z.int()).optional(),
      replacements: z.array(z.object({ id: z.int(), text: z.string() })).default([]),
    }),
    /** Counts are of traces, of which a record may hold many; `left` is how many of the records tried are still rejected. */
    output: ImportCounts.extend({ left: z.int() }),
  },
} satisfies Contract
