import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Empty, JobId, JsonValue } from './common.ts'

export const JobKind = z.enum([
  'import',
  'classify',
  'export',
  'evaluate',
  'curate',
  'graphs',
  'recount',
  'adapt',
  'judge',
  'queue',
  'own-train',
  'own-classify',
  'own-recount',
  'verify',
  'rewrite',
  'vectors',
  'surprisal',
  'setup-cuda',
])
export type JobKind = z.infer<typeof JobKind>

/** `interrupted`: the process that ran it ended; like `cancelled` and `failed` it can be resumed. */
export const JobState = z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted'])
export type JobState = z.infer<typeof JobState>

/** Work done so far in the job's own unit; `total` null while unknown. */
export const JobProgress = z.object({
  done: z.number(),
  total: z.number().nullable(),
  unit: z.enum(['bytes', 'traces']),
  traces: z.number(),
  note: z.string(),
})
export type JobProgress = z.infer<typeof JobProgress>

export const Job = z.object({
  id: JobId,
  kind: JobKind,
  state: JobState,
  input: JsonValue,
  progress: JobProgress,
  result: JsonValue,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type Job = z.infer<typeof Job>

export const jobs = {
  /** Of long lists in an input, but for files, only the beginning. */
  'jobs.list': { input: Empty, output: z.array(Job) },
  'jobs.get': { input: z.object({ id: JobId }), output: Job },
  /** Answers when the job has stopped, whatever the outcome. */
  'jobs.wait': { input: z.object({ id: JobId }), output: Job },
  'jobs.cancel': { input: z.object({ id: JobId }), output: Job },
  'jobs.resume': { input: z.object({ id: JobId }), output: Job },
} satisfies Contract
