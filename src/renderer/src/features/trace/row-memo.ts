import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Placed } from './label-index.ts'
import { cutPieces, type TextPiece } from './pieces.ts'

interface Made {
  readonly labels: readonly Placed[]
  readonly open: readonly Behaviour[]
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

    pieces(
      row: number,
      text: () => string,
      start: number,
      labels: readonly Placed[],
      open: readonly Behaviour[],
    ): readonly TextPiece[] {
      const old = made.get(row)
      if (old !== undefined && sameLabels(old.labels, labels) && old.open.join() === open.join())
        return old.pieces
      const pieces = cutPieces(text(), start, labels, open)
      made.set(row, { labels, open, pieces })
      return pieces
    },
  }
}

function sameLabels(a: readonly Placed[], b: readonly Placed[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ annotation, lane }, index) => annotation === b[index]!.annotation && lane === b[index]!.lane)
  )
}
