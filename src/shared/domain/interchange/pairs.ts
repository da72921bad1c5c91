import type { OffsetConverter } from '../offsets.ts'
import type { Span } from '../trace.ts'

/** An offset pair as files hold it: half-open, in the row's `offset_unit`. */
export type Pair = readonly [number, number]

/** Turns spans of a text into pairs in the converter's unit; one that cuts a surrogate pair is widened to all of it. */
export const pairIn =
  (text: string, offsets: OffsetConverter) =>
  ({ start, end }: Span): Pair => [
    offsets.fromUtf16(start),
    offsets.fromUtf16(cutsPair(text, end) ? end + 1 : end),
  ]

function cutsPair(text: string, offset: number): boolean {
  return offset > 0 && offset < text.length && text.codePointAt(offset - 1)! > 0xffff
}
