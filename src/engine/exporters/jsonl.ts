import type { RowWriter, Sink } from './row-writer.ts'

/** Characters collected before they go to the sink. */
const CHUNK = 1024 * 1024

/**
 * Writes rows as JSON Lines: UTF-8, one object a line, `\n` after each. Lone surrogates become `\u`
 * escapes, which JSON readers turn back into the same string.
 */
export function createJsonlWriter(sink: Sink): RowWriter {
  let pending = ''
  const flush = (): Promise<void> => {
    const bytes = Buffer.from(pending, 'utf8')
    pending = ''
    return sink(bytes)
  }
  return {
    async write(row) {
      pending += JSON.stringify(row) + '\n'
      if (pending.length >= CHUNK) await flush()
    },
    async finish() {
      if (pending !== '') await flush()
    },
  }
}
