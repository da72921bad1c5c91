import { styleText } from 'node:util'

/** Writes a line to standard output; a reader that closed its end (`| head`) ends the program quietly. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Writes a line for the person, not for the pipe. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

type Style = Parameters<typeof styleText>[0]

/** Colours text when `stream` is a terminal that wants colour (NO_COLOR and FORCE_COLOR are honoured). */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream })
}

/** Rows as aligned columns; numbers to the right. Empty cells of a number column show `–`. */
export function table(
  headers: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const numeric = headers.map((_, column) => rows.every((row) => typeof row[column] !== 'string'))
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))))
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...cells.map((row) => [...(row[column] ?? '')].length)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const pad = ' '.repeat(widths[column]! - [...cell].length)
        return numeric[column] ? pad + cell : cell + pad
      })
      .join('  ')
      .trimEnd()
  return [paint('dim', line(headers)), ...cells.map(line)].join('\n')
}

/** Rows as CSV (RFC 4180); null is an empty cell. */
export function csv(
  headers: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const quote = (cell: string | number | null) => {
    const text = cell === null ? '' : String(cell)
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [headers, ...rows].map((row) => row.map(quote).join(',')).join('\n')
}

export function bytes(count: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = count
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]!}`
}

export const count = (value: number): string => value.toLocaleString('en-US')

/** Rounds for reading: two decimals. */
export const decimal = (value: number | null): string | null => (value === null ? null : value.toFixed(2))

export const percent = (value: number | null): string | null =>
  value === null ? null : `${(value * 100).toFixed(1)}%`
