import { codeAt, isCloser, isDigit, isLetter, isLower, isSpace, isUpper } from './chars.ts'
import { Abbreviation, abbreviationBefore, opensTurn } from './words.ts'

/** How far back a decision looks; what is longer counts as what it began as. Keeps the scan linear. */
const LOOK_BACK = 32

/** Whether `[lineStart, at)` holds only indentation, bullets, quote marks and emphasis. */
function onlyMarkup(text: string, lineStart: number, at: number): boolean {
  for (let i = lineStart; i < at; i++) {
    const c = codeAt(text, i)
    // # ( * + - > [ _
    const markup =
      c === 0x23 ||
      c === 0x28 ||
      c === 0x2a ||
      c === 0x2b ||
      c === 0x2d ||
      c === 0x3e ||
      c === 0x5b ||
      c === 0x5f
    if (!markup && !isSpace(c)) return false
  }
  return true
}

/** "1.", "**2.", "a.", "iv.", "Step 3." at the start of a line number what follows and end nothing. */
function isMarker(text: string, lineStart: number, stop: number): boolean {
  if (stop - lineStart > LOOK_BACK) return false
  const floor = lineStart
  let i = stop
  while (i > floor && (isDigit(codeAt(text, i - 1)) || codeAt(text, i - 1) === 0x2e)) i--
  if (i < stop) {
    if (onlyMarkup(text, lineStart, i)) return true
    if (codeAt(text, i - 1) !== 0x20) return false
    let word = i - 1
    while (word > floor && isLetter(codeAt(text, word - 1))) word--
    return word < i - 1 && isUpper(codeAt(text, word)) && onlyMarkup(text, lineStart, word)
  }
  if (!isLetter(codeAt(text, stop - 1))) return false
  if (stop - 1 === lineStart) return true
  if (!isLetter(codeAt(text, stop - 2))) return onlyMarkup(text, lineStart, stop - 1)
  while (i > floor && isRomanDigit(codeAt(text, i - 1))) i--
  return i < stop && stop - i < 5 && onlyMarkup(text, lineStart, i)
}

function isRomanDigit(c: number): boolean {
  return c === 0x69 || c === 0x76 || c === 0x78
}

/** Whether a bare number ends at `end`: digits not preceded by a letter (so not CO2, m1, 9B9). */
function endsInNumber(text: string, floor: number, end: number): boolean {
  const stop = Math.max(floor, end - LOOK_BACK)
  let i = end
  while (i > stop && isDigit(codeAt(text, i - 1))) i--
  return i < end && !(i > floor && isLetter(codeAt(text, i - 1)))
}

/** Characters that carry an expression on: what stands before them is no sentence end. */
function continuesExpression(text: string, at: number): boolean {
  const c = codeAt(text, at)
  switch (c) {
    case 0x29: // )
    case 0x2b: // +
    case 0x2c: // ,
    case 0x2f: // /
    case 0x3a: // :
    case 0x3b: // ;
    case 0x3c: // <
    case 0x3d: // =
    case 0x3e: // >
    case 0x5e: // ^
    case 0x7c: // |
    case 0xd7: // ×
    case 0xf7: // ÷
      return true
    case 0x2a: // * is an operator before a space, emphasis before a letter
    case 0x2d: // -
    case 0x2013: // –
    case 0x2212: // −
      return at + 1 === text.length || isSpace(codeAt(text, at + 1))
    default:
      // arrows and mathematical operators
      return (c >= 0x2190 && c <= 0x21ff) || (c >= 0x2200 && c <= 0x22ff)
  }
}

/**
 * Whether the run of `.`, `!`, `?` in `[from, to)` ends a step. `closed` is the end of the quotes
 * and brackets after it, `next` the first character after the spaces that follow, on the same line.
 *
 * After a bare number or an initial a full stop is ambiguous. The hand-labelled steps run on there
 * ("so s = 7. That side …" is one step); we follow them except where the next sentence turns,
 * checks or judges ("= 220. Wait, …"), because that is where a behaviour begins.
 */
export function endsStep(
  text: string,
  lineStart: number,
  from: number,
  to: number,
  closed: number,
  next: number,
): boolean {
  const mark = codeAt(text, to - 1)
  if (mark === 0x3f && closed === to) return true
  const after = codeAt(text, next)
  if (isLower(after)) return false
  if (continuesExpression(text, next)) return false
  if (mark === 0x3f) return true
  const before = from > lineStart ? codeAt(text, from - 1) : 0x20
  if (to - from > 1) return !isSpace(before) || isUpper(after)
  if (mark === 0x21) {
    const factorial =
      isDigit(before) || before === 0x29 || before === 0x7d || isLoneLetter(text, lineStart, from)
    return factorial ? opensTurn(text, next) : true
  }
  if (isMarker(text, lineStart, from)) return false
  if (endsInNumber(text, lineStart, from)) return opensTurn(text, next)
  const abbreviation = abbreviationBefore(text, lineStart, from, next)
  if (abbreviation === Abbreviation.none) return true
  return abbreviation === Abbreviation.soft && opensTurn(text, next)
}

function isLoneLetter(text: string, floor: number, end: number): boolean {
  if (end <= floor || !isLetter(codeAt(text, end - 1))) return false
  return end - 1 === floor || !isLetter(codeAt(text, end - 2))
}

/** End of the closing quotes, brackets and emphasis at `at`. */
export function skipClosers(text: string, at: number): number {
  let i = at
  while (i < text.length && isCloser(codeAt(text, i))) i++
  return i
}
