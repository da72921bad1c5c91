export interface Piece {
  readonly text: string
  readonly hit: boolean
}

/**
 * Cuts a text at its marks (UTF-16, half-open, ascending); line breaks become spaces so that it fits
 * a table's row.
 */
export function toPieces(text: string, marks: readonly (readonly [number, number])[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  const push = (end: number, hit: boolean) => {
    if (end > at) pieces.push({ text: text.slice(at, end).replace(/\s+/g, ' '), hit })
    at = Math.max(at, end)
  }
  for (const [start, end] of marks) {
    push(start, false)
    push(end, true)
  }
  push(text.length, false)
  return pieces
}
