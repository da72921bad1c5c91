/** What the scanner does on meeting an ASCII code unit; everything else it walks over. */
export const PLAIN = 0
export const NEWLINE = 1
export const TERMINATOR = 2
export const DOLLAR = 3
export const BACKSLASH = 4
export const FENCE = 5
export const LESS = 6

const KIND = new Uint8Array(128)
for (const c of '\n\r\v\f') KIND[c.charCodeAt(0)] = NEWLINE
for (const c of '.!?') KIND[c.charCodeAt(0)] = TERMINATOR
KIND[0x24] = DOLLAR
KIND[0x5c] = BACKSLASH
KIND[0x60] = FENCE
KIND[0x7e] = FENCE
KIND[0x3c] = LESS

/** The scanner's table, indexed by code units below 128. */
export const ASCII_KIND: Readonly<Uint8Array> = KIND

/**
 * The code unit at `i`, 0 beyond the text. `charCodeAt` gives NaN there, and one NaN makes the engine
 * do every later comparison of code units in floating point.
 */
export function codeAt(text: string, i: number): number {
  return i >= 0 && i < text.length ? text.charCodeAt(i) : 0
}

const SPACE = new Uint8Array(128)
for (const c of ' \t\n\v\f\r') SPACE[c.charCodeAt(0)] = 1

/** Whitespace as `String.prototype.trim` has it, so that a step equals its own trim. */
export function isSpace(c: number): boolean {
  if (c < 0x80) return SPACE[c] === 1
  if (c === 0xa0) return true
  if (c < 0x1680) return false
  return (
    c === 0x3000 ||
    (c >= 0x2000 && c <= 0x200a) ||
    c === 0x2028 ||
    c === 0x2029 ||
    c === 0x202f ||
    c === 0x205f ||
    c === 0x1680 ||
    c === 0xfeff
  )
}

export function isNewline(c: number): boolean {
  return (c >= 0x0a && c <= 0x0d) || c === 0x2028 || c === 0x2029
}

export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39
}

export function isUpper(c: number): boolean {
  return c >= 0x41 && c <= 0x5a
}

export function isLetter(c: number): boolean {
  const lower = c | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

/** A cased lower-case letter of any script in the basic plane; ideographs and digits are not cased. */
export function isLower(c: number): boolean {
  if (c < 0x80) return c >= 0x61 && c <= 0x7a
  const s = String.fromCharCode(c)
  return s === s.toLowerCase() && s !== s.toUpperCase()
}

/** Terminators of scripts written without spaces between sentences: they end a step by themselves. */
export function isUnspacedTerminator(c: number): boolean {
  return c === 0x3002 || c === 0xff01 || c === 0xff1f || c === 0xff61
}

/** Terminators of other scripts, and `…`: they end a step before whitespace. */
export function isSpacedTerminator(c: number): boolean {
  switch (c) {
    case 0x2026: // …
    case 0x061f: // Arabic question mark
    case 0x06d4: // Urdu full stop
    case 0x0964: // danda
    case 0x0965: // double danda
    case 0x0589: // Armenian full stop
    case 0x1362: // Ethiopic full stop
    case 0x1367: // Ethiopic question mark
    case 0x104b: // Myanmar section
    case 0x17d4: // Khmer khan
    case 0x203c: // ‼
    case 0x2047: // ⁇
    case 0x2048: // ⁈
    case 0x2049: // ⁉
      return true
    default:
      return false
  }
}

const CLOSER = new Uint8Array(128)
for (const c of '"\')*]_`}') CLOSER[c.charCodeAt(0)] = 1

/** Closing quotes, brackets and emphasis that belong to the sentence whose terminator they follow. */
export function isCloser(c: number): boolean {
  if (c < 0x80) return CLOSER[c] === 1
  if (c === 0xbb || c === 0x2019 || c === 0x201d || c === 0x203a) return true
  if (c >= 0x3008 && c <= 0x3011) return (c & 1) === 1
  if (c === 0xff09 || c === 0xff3d || c === 0xff63) return true
  return isMark(c)
}

/** Marks that modify the character before them; a cut may not come between. */
function isMark(c: number): boolean {
  return (
    (c >= 0xfe00 && c <= 0xfe0f) ||
    c === 0x200d ||
    (c >= 0x0300 && c <= 0x036f) ||
    (c >= 0x20d0 && c <= 0x20ff) ||
    (c >= 0x1ab0 && c <= 0x1aff)
  )
}
