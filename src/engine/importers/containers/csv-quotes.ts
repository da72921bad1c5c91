import type { Dialect } from './csv-dialect.ts'

/**
 * Whether a cell of a row opens with a quote that closes on a later line and yet in the middle of a cell.
 * Where no quote ends that cell, it was a stray one: it belongs to the text, and the lines up to the next quote are other
 * rows. Where one does, the cell was quoted and the quotes inside were only not written twice, unless each line could be a
 * row by itself: where all but the first, which the quote may have cut, are rows of three cells or more, they are.
 * Otherwise quotes that come in pairs are those of a cell, and there is no telling whose the others are.
 */
export function glueOf(
  raw: string,
  { delimiter, lineEnd }: Dialect,
  columns: number,
): 'none' | 'stray' | 'unclear' {
  const breaks = raw.indexOf(lineEnd)
  if (breaks < 0 || breaks === raw.length - 1) return 'none'
  const end = raw.replace(/\r?\n?$/, '').length
  for (let cell = 0; cell < end;) {
    let behind = cell
    if (raw[cell] === '"') {
      behind = closingQuote(raw, cell) + 1
      while (raw[behind] === ' ') behind++
      const closed = behind >= end || raw[behind] === delimiter
      if (!closed && raw.slice(cell, behind).includes(lineEnd)) {
        const stop = raw.indexOf(delimiter, behind)
        const close = stop < 0 ? end : stop
        const last = raw.slice(behind, close).trimEnd()
        let quotes = 0
        while (last.at(-1 - quotes) === '"') quotes++
        if (quotes % 2 === 0) return 'stray'
        const lines = raw.slice(0, end).split(lineEnd)
        if (columns === 0 || lines.some((line) => line.split(delimiter).length < columns)) return 'none'
        if (columns > 2 && lines.slice(1).every((line) => cellsIn(line, delimiter) === columns))
          return 'stray'
        return raw.slice(cell, close).split('"').length % 2 === 1 ? 'none' : 'unclear'
      }
    }
    const next = raw.indexOf(delimiter, behind)
    if (next < 0) return 'none'
    cell = next + 1
  }
  return 'none'
}

function cellsIn(line: string, delimiter: string): number {
  for (let [cells, at] = [1, 0]; ; cells++) {
    const next = line.indexOf(delimiter, line[at] === '"' ? closingQuote(line, at) + 1 : at)
    if (next < 0) return cells
    at = next + 1
  }
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
