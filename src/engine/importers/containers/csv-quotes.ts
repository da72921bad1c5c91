import type { Dialect } from './csv-dialect.ts'

/**
 * Whether a cell of a row opens with a quote that closes on a later line and yet in the middle of a cell.
 * Such a quote is a stray one: it belongs to the text, and the lines up to the next quote are other rows.
 * Where a quote ends the cell it was quoted, and the quotes inside were only not written twice, unless each line is a row
 * by itself: two columns are too few to tell.
 */
export function isGlued(raw: string, { delimiter, lineEnd }: Dialect, columns: number): boolean {
  const breaks = raw.indexOf(lineEnd)
  if (breaks < 0 || breaks === raw.length - 1) return false
  const end = raw.replace(/\r?\n?$/, '').length
  for (let cell = 0; cell < end;) {
    let behind = cell
    if (raw[cell] === '"') {
      behind = closingQuote(raw, cell) + 1
      while (raw[behind] === ' ') behind++
      const closed = behind >= end || raw[behind] === delimiter
      if (!closed && raw.slice(cell, behind).includes(lineEnd)) {
        const stop = raw.indexOf(delimiter, behind)
        const last = raw.slice(behind, stop < 0 ? end : stop).trimEnd()
        let quotes = 0
        while (last.at(-1 - quotes) === '"') quotes++
        if (quotes % 2 === 0) return true
        const lines = raw.slice(0, end).split(lineEnd)
        return columns > 2 && lines.every((line) => line.split(delimiter).length === columns)
      }
    }
    const next = raw.indexOf(delimiter, behind)
    if (next < 0) return false
    cell = next + 1
  }
  return false
}

/** Index of the quote that closes the one at `open`; two in a row stand for one in the text. */
function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1)
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
  return close < 0 ? text.length : close
}

/**
 * Of a text that ends within quotes, the bytes up to behind the line in which these open; 0 when that line has
 * no end in the text. Inside a quoted cell quotes come in pairs: an odd number in a row opened it.
 *
 * @param seen bytes of the text that end within quotes
 */
export function behindOpenQuote(text: Buffer, seen: number, lineEnd: Dialect['lineEnd']): number {
  let end = Math.min(seen, text.length)
  while (end > 0) {
    end = text.lastIndexOf(QUOTE, end - 1) + 1
    let first = end
    while (first > 0 && text[first - 1] === QUOTE) first--
    if ((end - first) % 2 === 1) return text.indexOf(lineEnd, end) + 1
    end = first
  }
  return 0
}

const QUOTE = 0x22
