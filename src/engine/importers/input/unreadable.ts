import { CairnError, type ErrorDetails } from '#shared/errors.ts'

/** The typed error of a file that cannot be opened or read on; `cause` is what the system said. */
export function unreadable(message: string, details: ErrorDetails, cause?: unknown): CairnError {
  return new CairnError('input_unreadable', message, details, { cause })
}

/** The reason inside a thrown system or library error, as words for a person. */
export function reasonOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'permission is denied'
  if (code === 'EIO') return 'the disk reported an error'
  return thrown instanceof Error ? thrown.message : String(thrown)
}
