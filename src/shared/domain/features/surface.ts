/** How a step looks, apart from its words. */
export interface Surface {
  /** UTF-16 units without white space around it. */
  length: number
  /** A blank line, or the start of the text, stands before it. */
  paragraph: boolean
  /** At least one line break, or the start of the text, stands before it. */
  newline: boolean
  /** Last character that is not white space; 0 when there is none. */
  last: number
  /** It ends without a mark that ends a sentence. */
  open: boolean
  /** It starts as a list item or a heading. */
  list: boolean
}

/** Describes `[start, end)` of `text`, UTF-16 offsets. White space at its edges makes no difference. */
export function readSurface(text: string, start: number, end: number): Surface {
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  let breaks = 0
  let before = start - 1
  for (; before >= 0 && isSpace(text.charCodeAt(before)); before--)
    if (text.charCodeAt(before) === 0x0a) breaks++
  const opens = before < 0
  const last = end > start ? text.charCodeAt(end - 1) : 0
  return {
    length: end - start,
    paragraph: opens || breaks > 1,
    newline: opens || breaks > 0,
    last,
    open: last !== 0x2e && last !== 0x3f && last !== 0x21 && last !== 0x3a,
    list: startsList(text, start, end),
  }
}

function startsList(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start)
  if (start + 1 >= end) return false
  if (first === 0x23) return true
  if (first === 0x2d || first === 0x2a || first === 0x2022) return isSpace(text.charCodeAt(start + 1))
  let at = start
  while (at < end && at < start + 3 && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++
  const mark = text.charCodeAt(at)
  return at > start && at + 1 < end && (mark === 0x2e || mark === 0x29) && isSpace(text.charCodeAt(at + 1))
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0
}
