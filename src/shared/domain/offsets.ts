/** What an offset in a file counts. Python slices code points; JavaScript slices UTF-16. */
export type OffsetUnit = 'code_points' | 'utf16' | 'utf8_bytes'

/** Converts offsets of one text; both directions take and return offsets from 0 to the length. */
export interface OffsetConverter {
  /** Length of the text in the converter's unit. */
  readonly length: number
  /**
   * Offset in the unit for a UTF-16 offset. An offset inside a surrogate pair counts as the pair's start.
   * @throws RangeError when the offset is no whole number within the text
   */
  fromUtf16(offset: number): number
  /**
   * UTF-16 offset for an offset in the unit. An offset inside a character counts as the character's
   * start, so `fromUtf16(toUtf16(x)) === x` tells whether `x` falls on a character boundary.
   * @throws RangeError when the offset is no whole number within the text
   */
  toUtf16(offset: number): number
}

/** UTF-16 units between two remembered positions: what a lookup scans at most. */
const STRIDE = 32

/**
 * A converter between UTF-16 offsets of `text` and offsets in `unit`. Reads the text once, remembering
 * the position every 32 units; after that each conversion, in any order, costs at most one short
 * scan. Where both units agree on the whole text (ASCII; code points without surrogates) nothing is
 * remembered. A lone surrogate counts as one code point and as three bytes, the length of U+FFFD that
 * UTF-8 encoders write in its place.
 */
export function createOffsetConverter(text: string, unit: OffsetUnit): OffsetConverter {
  if (unit === 'utf16' || (unit === 'code_points' ? !/[\ud800-\udfff]/.test(text) : isAscii(text))) {
    const same = (offset: number): number => characterStart(text, checked(offset, text.length))
    return { length: text.length, fromUtf16: same, toUtf16: same }
  }
  const width = unit === 'code_points' ? codePointWidth : utf8Width
  const { starts, positions, length } = indexText(text, width)
  return {
    length,
    fromUtf16(offset) {
      checked(offset, text.length)
      if (offset === text.length) return length
      let slot = Math.floor(offset / STRIDE)
      // A remembered position lies up to one unit beyond its slot when a pair straddles the slot's edge; at the
      // end of the text there is none.
      if (slot >= starts.length || starts[slot]! > offset) slot--
      let at = starts[slot]!
      let position = positions[slot]!
      for (;;) {
        const code = text.codePointAt(at)!
        const next = at + (code > 0xffff ? 2 : 1)
        if (next > offset) return position
        position += width(code)
        at = next
      }
    },
    toUtf16(offset) {
      checked(offset, length)
      if (offset === length) return text.length
      const slot = lastAtMost(positions, offset)
      let at = starts[slot]!
      let position = positions[slot]!
      for (;;) {
        const code = text.codePointAt(at)!
        position += width(code)
        if (position > offset) return at
        at += code > 0xffff ? 2 : 1
      }
    },
  }
}

/** The start of the character at a UTF-16 offset: the offset itself, unless it lies inside a surrogate pair. */
export function characterStart(text: string, offset: number): number {
  return offset > 0 && text.codePointAt(offset - 1)! > 0xffff ? offset - 1 : offset
}

/** `starts[i]` is the first character boundary at or after `i * STRIDE`, `positions[i]` its offset. */
function indexText(text: string, width: (code: number) => number) {
  const slots = Math.ceil(text.length / STRIDE)
  const starts = new Uint32Array(slots)
  const positions = new Float64Array(slots)
  let position = 0
  let slot = 0
  for (let at = 0; at < text.length;) {
    if (at >= slot * STRIDE) {
      starts[slot] = at
      positions[slot] = position
      slot++
    }
    const code = text.codePointAt(at)!
    position += width(code)
    at += code > 0xffff ? 2 : 1
  }
  // The last slot has no boundary of its own when it holds only the second half of a pair.
  return { starts: starts.subarray(0, slot), positions: positions.subarray(0, slot), length: position }
}

function codePointWidth(): number {
  return 1
}

function utf8Width(code: number): number {
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code > 0xffff ? 4 : 3
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Index of the last element not above `value`; `sorted` ascends and starts at or below `value`. */
function lastAtMost(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! <= value) low = middle
    else high = middle
  }
  return low
}

function checked(offset: number, length: number): number {
  if (Number.isInteger(offset) && offset >= 0 && offset <= length) return offset
  throw new RangeError(`offset ${offset} is not a whole number from 0 to ${length}`)
}
