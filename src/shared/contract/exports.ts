import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

/** What is written: training rows in one of three layouts, or Cairn's own lossless annotations. */
export const ExportFormat = z.enum([
  'messages',
  'prompt_completion',
  'query_completion',
  'traces',
  'annotations',
])
export type ExportFormat = z.infer<typeof ExportFormat>

export const ExportContainer = z.enum(['jsonl', 'parquet'])
export type ExportContainer = z.infer<typeof ExportContainer>

/** What an offset in a file counts. Python slices code points; JavaScript slices UTF-16. */
export const OffsetUnit = z.enum(['code_points', 'utf16', 'utf8_bytes'])
export type OffsetUnit = z.infer<typeof OffsetUnit>

export const ExportInput = z.object({
  filter: Filter.default({}),
  format: ExportFormat,
  container: ExportContainer.default('jsonl'),
  path: z.string().min(1),
  offsetUnit: OffsetUnit.default('code_points'),
  overwrite: z.boolean().default(false),
})
export type ExportInput = z.infer<typeof ExportInput>

export const exports = {
  'exports.start': { input: ExportInput, output: Job },
} satisfies Contract
