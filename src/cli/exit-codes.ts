import type { ErrorCode } from '#shared/errors.ts'

/** What the shell sees. `--help` lists them; scripts may rely on them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** With --strict: done, but records were rejected or files could not be read. */
  rejected: 3,
  /** The workspace is missing, locked, damaged, read-only or newer. */
  workspace: 4,
  cancelled: 130,
} as const

export function exitCodeOf(code: ErrorCode): number {
  if (code === 'bad_request' || code === 'mapping_invalid') return EXIT.usage
  if (code.startsWith('workspace_')) return EXIT.workspace
  if (code === 'cancelled') return EXIT.cancelled
  return EXIT.failed
}

export const EXIT_HELP = `
Exit codes: 0 done · 1 failed, also at single traces that a model could not read (the others are done) · 2 wrong use ·
3 done with rejected records (--strict) · 4 workspace missing, locked, damaged, read-only or newer · 130 stopped by
Ctrl+C (what a workspace has is kept)`
