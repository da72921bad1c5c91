import { z } from 'zod'
import { REWRITE_PARTS } from '../domain/llm-judge/rewriting.ts'
import type { Contract } from './contract.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

/** What a `rewrite` job is told; see `judge.start` for the server. */
export const RewriteInput = z.object({
  filter: Filter.default({}),
  url: z.url({ protocol: /^https?$/ }),
  model: z.string().min(1).max(200),
  parts: z.array(z.enum(REWRITE_PARTS)).min(1).default(['thought']),
  /** What to do, in place of Cairn's own words. What must be kept is said in any case. */
  instruction: z.string().min(1).max(4000).nullable().default(null),
  concurrency: z.int().min(1).max(64).default(4),
  sample: z.int().positive().nullable().default(null),
  seed: z.int().default(1),
  /** Longest answer, in tokens. */
  maxTokens: z.int().min(16).max(200_000).default(8192),
  /** JSONL file that rows are added to; those that are there are not made again. */
  path: z.string().min(1),
})
export type RewriteInput = z.infer<typeof RewriteInput>

/** What a finished `rewrite` job answers. */
export const RewriteResult = z.object({
  path: z.string(),
  traces: z.int(),
  /** Rows written now, rows that were there, and traces that failed. */
  written: z.int(),
  known: z.int(),
  failed: z.int(),
  /** Rows written now whose final answer is not the one before. */
  changed: z.int(),
  tokensAsked: z.number(),
  tokensAnswered: z.number(),
  failures: z.array(z.object({ reason: z.string(), traces: z.int() })),
})
export type RewriteResult = z.infer<typeof RewriteResult>

export const rewrite = {
  /** Has a language model of the user's rewrite traces into a file; goes to the given address and nowhere else. */
  'rewrite.start': { input: RewriteInput, output: Job },
} satisfies Contract
