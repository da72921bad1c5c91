import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Mark } from './label-marks.ts'
import { cutPieces, type TextPiece } from './pieces.ts'

interface Made {
  readonly marks: readonly Mark[]
  readonly open: readonly Behaviour[]
  readonly formulas: boolean
  readonly text: string
  readonly pieces: readonly TextPiece[]
}

/**
 * Remembers the pieces of the rows on the screen, so that a change of one label draws the rows it
 * touches and no others: what has not changed comes back as the same object.
 */
export function createRowMemo() {
  const made = new Map<number, Made>()
  return {
    /** Forgets rows outside of `[first, end)`. */
    keep(first: number, end: number): void {
      for (const row of made.keys()) if (row < first || row >= end) made.delete(row)
    },

    /** Pieces of a row whose text starts at offset `start` of the response, UTF-16. */
    pieces(
      row: number,
      text: string,
      start: number,
      marks: readonly Mark[],
      open: readonly Behaviour[],
      formulas = false,
    ): readonly TextPiece[] {
      const old = made.get(row)
      const same =
        old?.text === text &&
        old.formulas === formulas &&
        old.pieces[0]?.start === start &&
        sameMarks(old.marks, marks) &&
        old.open.join() === open.join()
      if (same) return old.pieces
      const pieces = cutPieces(text, start, marks, open, formulas)
      made.set(row, { marks, open, formulas, text, pieces })
      return pieces
    },
  }
}

function sameMarks(a: readonly Mark[], b: readonly Mark[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => {
      const other = b[index]!
      return (
        one.start === other.start &&
        one.end === other.end &&
        one.lane === other.lane &&
        one.depth === other.depth &&
        one.behaviour === other.behaviour &&
        one.verdict === other.verdict
      )
    })
  )
}
