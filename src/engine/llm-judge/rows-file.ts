import { closeSync, fstatSync, openSync, readSync, truncateSync, writeSync } from 'node:fs'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import { readLines } from '../services/lines.ts'

const LINE_FEED = 0x0a
/** Bytes looked at in one go for the end of the last whole row. */
const BLOCK = 1_000_000

type Row = { readonly [key: string]: Json }

/** A JSONL file that rows are added to, one write a row: a process that is killed leaves whole rows. */
export interface RowsFile {
  /** Keys of the rows that were there. */
  readonly known: ReadonlySet<string>
  add(row: Json): void
  close(): void
}

/**
 * Opens a file to go on with, or makes it. A last line that was torn is cut off. Of the rows that are there only their
 * keys are held: a file may be larger than memory.
 * @param keyOf names a row; what it throws leaves the file as it is
 * @throws CairnError `input_unreadable` when another line is no JSON object, `output_unwritable`
 */
export async function openRowsFile(path: string, keyOf: (row: Row) => string): Promise<RowsFile> {
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
  const file = guarded(() => openSync(path, 'a+'))
  try {
    const whole = wholeBytes(file)
    const known = new Set<string>()
    let number = 0
    for await (const line of readLines(path, whole)) {
      number++
      if (line !== '') known.add(keyOf(rowOf(line, path, number)))
    }
    if (whole < fstatSync(file).size) guarded(() => truncateSync(path, whole))
    return {
      known,
      add: (row) => guarded(() => void writeSync(file, `${JSON.stringify(row)}\n`)),
      close: () => closeSync(file),
    }
  } catch (thrown) {
    closeSync(file)
    throw thrown
  }
}

/** How many bytes the whole lines of a file take; what comes after them was torn. */
function wholeBytes(file: number): number {
  const block = Buffer.alloc(BLOCK)
  for (let end = fstatSync(file).size; end > 0;) {
    const start = Math.max(0, end - BLOCK)
    const read = readSync(file, block, 0, end - start, start)
    const at = block.subarray(0, read).lastIndexOf(LINE_FEED)
    if (at >= 0) return start + at + 1
    end = start
  }
  return 0
}

function rowOf(line: string, path: string, number: number): Row {
  try {
    const row = JSON.parse(line) as Json
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row
  } catch {
    // Told below.
  }
  throw new CairnError(
    'input_unreadable',
    `${path}:${number} is no row of a rewriting. Nothing was changed; choose another file.`,
    { path, line: number },
  )
}
