import type { ErrorCode } from '#shared/errors.ts'

/** From main to the engine's process. A client's port comes with its message. */
export type ToEngine = { kind: 'client' } | { kind: 'close' }

/** From the engine's process to main. `failed`: the workspace could not be opened. */
export type FromEngine = { kind: 'failed'; error: { code: ErrorCode; message: string } }
