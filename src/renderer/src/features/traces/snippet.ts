export interface Piece {
  readonly text: string
  readonly hit: boolean
}

/** Characters kept before the first hit, so that it is seen in a narrow column. */
const BEFORE = 22

/**
 * Cuts a text at its marks (UTF-16, half-open, ascending); line breaks become spaces so that it fits
 * a table's row, and what leads up to the first mark is shortened.
 */
export function toPieces(text: string, marks: readonly (readonly [number, number])[]): Piece[] {
  const pieces: Piece[] = []
  const first = marks[0]?.[0] ?? 0
  let at = first > BEFORE ? text.indexOf(' ', first - BEFORE) + 1 : 0
  if (at > first) at = first
  if (at > 0) pieces.push({ text: '…', hit: false })
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
