/** A line of a text: UTF-16 offsets without the line break. */
export interface Line {
  readonly start: number
  readonly end: number
}

/** The lines of a text that hold anything. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = []
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('\n', start)
    if (end < 0) end = text.length
    if (text.slice(start, end).trim() !== '') lines.push({ start, end })
    start = end + 1
  }
  return lines
}
