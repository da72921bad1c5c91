import { isUtf8 } from 'node:buffer'
import type { ContainerName } from '../types.ts'
import { detectMagic } from '../input/magic.ts'
import { detectDelimiter } from './csv-dialect.ts'
import { parseJson } from './lenient-json.ts'

/** Bytes of a file's beginning that sniffing looks at. */
export const SNIFF_BYTES = 256 * 1024

/** Lines of the beginning that are tried as JSON. */
const SNIFF_LINES = 20

/**
 * Finds a file's container by its content; the name decides only what the content leaves open (a first
 * line longer than the head, one line that is a whole document, an empty file, a table of one column).
 * A head shorter than SNIFF_BYTES is taken for the whole file.
 */
export function sniffContainer(head: Uint8Array, name: string): ContainerName {
  if (detectMagic(head) === 'parquet') return 'parquet'
  const complete = head.length < SNIFF_BYTES
  const text = decode(head)
  const extension = extensionOf(name)
  const first = text.trimStart()[0]
  if (first === undefined) return extension ?? 'text'
  if (first === '{' || first === '[') return sniffJson(text, complete, extension)
  if (extension === 'jsonl' || looksLikeLines(text, complete)) return 'jsonl'
  if (extension === 'json' && !complete) return 'json'
  if (text.includes('\u0000')) return 'text'
  if (extension === 'csv' || detectDelimiter(text, complete) !== null) return 'csv'
  return extension === 'json' && isWhole(text) ? 'json' : 'text'
}

function sniffJson(text: string, complete: boolean, extension: ContainerName | null): ContainerName {
  const lines = nonBlankLines(text, complete)
  // No line ends within the head: a long first record, or a document without line breaks.
  if (lines.length === 0) return extension === 'jsonl' ? 'jsonl' : 'json'
  if (lines.length === 1 && complete) {
    // A line alone is a document, which may hold many records; `.jsonl` says it is one.
    return extension === 'jsonl' ? 'jsonl' : 'json'
  }
  const whole = lines.filter(isRecordLine).length
  if (whole > lines.length / 2) return 'jsonl'
  if (isOpening(lines[0] ?? '')) return 'json'
  return extension === 'jsonl' ? 'jsonl' : 'json'
}

/** Lines of records although the first is damaged. */
function looksLikeLines(text: string, complete: boolean): boolean {
  const lines = nonBlankLines(text, complete)
  return (
    lines.length > 1 &&
    lines.filter((line) => line.startsWith('{') && isWhole(line)).length > lines.length / 2
  )
}

function nonBlankLines(text: string, complete: boolean): string[] {
  const lines = text.split('\n')
  if (!complete) lines.pop()
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, SNIFF_LINES)
}

const isRecordLine = (line: string): boolean =>
  (line.startsWith('{') || line.startsWith('[')) && isWhole(line)

/** The first line of a document laid out over several lines. */
const isOpening = (line: string): boolean => /[[{,:]$/.test(line)

function isWhole(text: string): boolean {
  try {
    parseJson(text)
    return true
  } catch {
    return false
  }
}

function extensionOf(name: string): ContainerName | null {
  const [, extension] = /\.([a-z0-9]+)(?:\.(?:gz|zst|zstd))?$/i.exec(name) ?? []
  switch (extension?.toLowerCase()) {
    case 'jsonl':
    case 'ndjson':
      return 'jsonl'
    case 'json':
      return 'json'
    case 'csv':
    case 'tsv':
      return 'csv'
    case 'txt':
      return 'text'
    default:
      return null
  }
}

function decode(head: Uint8Array): string {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le')
  }
  const body = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  // Latin-1 keeps the structure visible where the encoding is not what it should be.
  return body.toString(isUtf8(body) || body.length === SNIFF_BYTES ? 'utf8' : 'latin1')
}
