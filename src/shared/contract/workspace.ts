import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Empty, SourceId } from './common.ts'

export const Source = z.object({
  id: SourceId,
  name: z.string(),
  path: z.string().nullable(),
  bytes: z.number(),
  sha256: z.string().nullable(),
  container: z.string(),
  shape: z.string(),
  state: z.enum(['importing', 'complete', 'partial', 'failed']),
  read: z.int(),
  imported: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  importedAt: z.string(),
})
export type Source = z.infer<typeof Source>

export const Run = z.object({
  id: z.int(),
  name: z.string(),
  traces: z.int(),
  checkpoints: z.array(z.number().nullable()),
})
export type Run = z.infer<typeof Run>

export const WorkspaceInfo = z.object({
  path: z.string(),
  schemaVersion: z.int(),
  traces: z.int(),
  classified: z.int(),
  /** Labels of the four behaviours, and of the workspace's own. */
  annotations: z.int(),
  ownLabels: z.int(),
  sources: z.int(),
  bytes: z.number(),
})
export type WorkspaceInfo = z.infer<typeof WorkspaceInfo>

export const workspace = {
  /** Its folder, told at once whatever is being read. */
  'workspace.path': { input: Empty, output: z.object({ path: z.string() }) },
  'workspace.info': { input: Empty, output: WorkspaceInfo },
  'workspace.sources': { input: Empty, output: z.array(Source) },
  'workspace.runs': { input: Empty, output: z.array(Run) },
  /** Checks the database file page by page and that the search index agrees with the texts. */
  'workspace.check': { input: Empty, output: z.object({ ok: z.boolean(), problems: z.array(z.string()) }) },
} satisfies Contract
