/** Separators that are tried, in order of preference. */
const DELIMITERS = [',', '\t', ';', '|'] as const
type Delimiter = (typeof DELIMITERS)[number]

/** How a table is written. */
export interface Dialect {
  delimiter: Delimiter
  /** What ends every line; before a line feed there may be a carriage return, in some lines or in all. */
  lineEnd: '\n' | '\r'
}

/** Rows of the sample that are looked at. */
const SAMPLE_ROWS = 50

/**
 * The delimiter under which a text is a table with a header row: every sampled row has as many fields
 * as the header, at least two. Null when there is none. `complete` says that the text is the whole file;
 * otherwise its last row is left out.
 */
export function detectDelimiter(text: string, complete: boolean): Delimiter | null {
  let best: { delimiter: Delimiter; columns: number } | null = null
  for (const delimiter of DELIMITERS) {
    const rows = splitRows(text, delimiter, SAMPLE_ROWS + 1)
    if (!complete && rows.length > 1 && rows.length <= SAMPLE_ROWS) rows.pop()
    const [header, ...body] = rows
    if (!header || header.length < 2 || !isHeader(header)) continue
    const even = body.filter((row) => row.length === header.length).length
    if (body.length > 0 && even < 0.9 * body.length) continue
    if (body.length === 0 && !complete) continue
    if (best === null || header.length > best.columns) best = { delimiter, columns: header.length }
  }
  return best?.delimiter ?? null
}

function isHeader(fields: readonly string[]): boolean {
  const names = fields.map((field) => field.trim())
  return (
    names.every((name) => name.length <= 80 && !/\n|[.!?](?:\s|$)/.test(name)) &&
    new Set(names).size === names.length
  )
}

/** Splits into rows of fields, quotes respected; blank rows are left out. */
function splitRows(text: string, delimiter: string, limit: number): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  const endRow = (): void => {
    row.push(field)
    if (row.length > 1 || field !== '') rows.push(row)
    row = []
    field = ''
  }
  for (let index = 0; index < text.length && rows.length < limit; index++) {
    const char = text[index] ?? ''
    if (quoted) {
      if (char !== '"') field += char
      else if (text[index + 1] === '"') {
        field += '"'
        index++
      } else quoted = false
    } else if (char === '"' && field === '') quoted = true
    else if (char === delimiter) {
      row.push(field)
      field = ''
    } else if (char === '\n') endRow()
    else if (char !== '\r') field += char
  }
  if (rows.length < limit && (row.length > 0 || field !== '')) endRow()
  return rows
}
