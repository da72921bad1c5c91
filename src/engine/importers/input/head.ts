import { CairnError } from '#shared/errors.ts'
import type { InputFile } from '../types.ts'

/**
 * The beginning of a file, `bytes` of it or more where it has so many. A stream that breaks there gives what it has,
 * and what was wrong with it.
 */
export async function headOf(
  file: InputFile,
  bytes: number,
): Promise<{ head: Uint8Array; broken: CairnError | null }> {
  const parts: Uint8Array[] = []
  let length = 0
  let broken: CairnError | null = null
  try {
    for await (const chunk of file.open()) {
      parts.push(chunk)
      length += chunk.length
      if (length >= bytes) break
    }
  } catch (thrown) {
    if (!(thrown instanceof CairnError)) throw thrown
    broken = thrown
  }
  return { head: Buffer.concat(parts), broken }
}
