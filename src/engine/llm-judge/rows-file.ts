import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'

/** A JSONL file that rows are added to, one write a row: a process that is killed leaves whole rows. */
export interface RowsFile {
  /** Rows that were there. */
  readonly before: readonly { readonly [key: string]: Json }[]
  add(row: Json): void
  close(): void
}

/**
 * Opens a file to go on with, or makes it. A last line that was torn is cut off.
 * @throws CairnError `input_unreadable` when another line is no JSON object, `output_unwritable`
 */
export function openRowsFile(path: string): RowsFile {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  const whole = bytes.lastIndexOf(10) + 1
  const before = bytes
    .toString('utf8', 0, whole)
    .split('\n')
    .flatMap((line, at) => (line === '' ? [] : [rowOf(line, path, at + 1)]))
  const guarded = <T>(work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      const why = (cause as Error).message
      throw new CairnError(
        'output_unwritable',
        `${path} cannot be written: ${why}. Rows before are kept.`,
        { path },
        { cause },
      )
    }
  }
  const file = guarded(() => openSync(path, 'a'))
  if (whole < bytes.length) guarded(() => ftruncateSync(file, whole))
  return {
    before,
    add: (row) => guarded(() => void writeSync(file, `${JSON.stringify(row)}\n`)),
    close: () => closeSync(file),
  }
}

function rowOf(line: string, path: string, number: number): { readonly [key: string]: Json } {
  try {
    const row = JSON.parse(line) as Json
    if (typeof row === 'object' && row !== null && !Array.isArray(row))
      return row as { readonly [key: string]: Json }
  } catch {
    // Told below.
  }
  throw new CairnError(
    'input_unreadable',
    `${path}:${number} is no row of a rewriting. Nothing was changed; choose another file.`,
    { path, line: number },
  )
}
