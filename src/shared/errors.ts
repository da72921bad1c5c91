/**
 * Every failure a user can meet, by code. The code is what callers branch on and what the CLI and
 * the UI translate into advice; the message names the thing that failed and what to do about it.
 */
export type ErrorCode =
  | 'bad_request'
  | 'not_found'
  | 'conflict'
  | 'cancelled'
  | 'internal'
  | 'disconnected'
  // workspace
  | 'workspace_missing'
  | 'workspace_newer'
  | 'workspace_damaged'
  | 'workspace_readonly'
  | 'workspace_locked'
  | 'disk_full'
  // import
  | 'input_unreadable'
  | 'format_unknown'
  | 'mapping_invalid'
  | 'source_changed'
  | 'import_crashed'
  // inference
  | 'model_missing'
  | 'model_invalid'
  | 'inference_crashed'
  | 'inference_failed'
  // an LLM of the user's
  | 'endpoint_unreachable'
  | 'endpoint_refused'
  // export
  | 'output_exists'
  | 'output_unwritable'

/** Structured, serialisable facts about a failure (paths, counts, offsets). */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** The one error type that crosses a boundary: `{code, message, details}`. */
export class CairnError extends Error {
  override readonly name = 'CairnError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.details = details
  }

  toJSON(): { code: ErrorCode; message: string; details: ErrorDetails } {
    return { code: this.code, message: this.message, details: this.details }
  }
}

/** Any thrown value as a CairnError; unknown ones become `internal` with the original as cause. */
export function toCairnError(thrown: unknown): CairnError {
  if (thrown instanceof CairnError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new CairnError('internal', message, {}, { cause: thrown })
}
