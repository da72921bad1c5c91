import { createReadStream } from 'node:fs'
import { CairnError } from '#shared/errors.ts'

const LINE_FEED = 0x0a

/**
 * Lines of a UTF-8 file without their ending (`\n` or `\r\n`) and without a byte order mark. Unlike
 * Node's `readline`, nothing else ends a line: U+2028 may stand in a JSON text.
 * @param bytes how much of the file is read, from its beginning
 * @throws CairnError `input_unreadable`
 */
export async function* readLines(path: string, bytes = Infinity): AsyncGenerator<string> {
  let first = true
  const toText = (bytes: Buffer): string => {
    const text = bytes.toString('utf8').replace(/\r$/, '')
    if (!first) return text
    first = false
    return text.replace(/^\uFEFF/, '')
  }
  let open: Buffer[] = []
  for await (const chunk of chunks(path, bytes)) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield toText(Buffer.concat([...open, chunk.subarray(start, end)]))
      open = []
      start = end + 1
    }
    open.push(chunk.subarray(start))
  }
  const last = Buffer.concat(open)
  if (last.length > 0) yield toText(last)
}

async function* chunks(path: string, bytes: number): AsyncGenerator<Buffer> {
  if (bytes === 0) return
  try {
    yield* createReadStream(path, { end: bytes - 1 }) as AsyncIterable<Buffer>
  } catch (cause) {
    const message = `${path} cannot be read: ${(cause as Error).message}.`
    throw new CairnError('input_unreadable', message, { path }, { cause })
  }
}
