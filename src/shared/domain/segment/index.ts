import { Blocks } from './blocks.ts'
import {
  ASCII_KIND,
  BACKSLASH,
  DOLLAR,
  FENCE,
  NEWLINE,
  PLAIN,
  TERMINATOR,
  codeAt,
  isNewline,
  isSpace,
  isSpacedTerminator,
  isUnspacedTerminator,
} from './chars.ts'
import { Cuts } from './cuts.ts'
import { endsStep, skipClosers } from './period.ts'
import { Tag, tagEnd, tagKind } from './tags.ts'

/** Bumped whenever any boundary can change: stored predictions refer to steps of one version. */
export const SEGMENTER_VERSION: number = 2

/** A fence may be indented so far, as in nested lists. */
const DEEPEST_INDENT = 32

const cuts = new Cuts()
const blocks = new Blocks(cuts)

/**
 * Splits a reasoning trace into steps: its lines, and the sentences within them; closed math and
 * fenced code stay whole. Returns flat pairs [start0, end0, start1, end1, …] in UTF-16 code units,
 * half-open, ordered, disjoint, none empty; no step begins or ends in whitespace and between steps
 * there is only whitespace, so steps and gaps joined are the text. Any string is accepted, lone
 * surrogates too. Time and memory are linear in the length of the text.
 */
export function segment(text: string): Uint32Array {
  cuts.clear()
  blocks.reset()
  const length = text.length
  let lineStart = 0
  let inTable = startsRow(text, 0)
  let i = 0
  while (i < length) {
    const c = text.charCodeAt(i)
    if (c < 0x80) {
      switch (ASCII_KIND[c]) {
        case PLAIN:
          do i++
          while (i < length && isPlain(text.charCodeAt(i)))
          break
        case NEWLINE:
          cuts.add(i)
          i = lineStart = crossBlank(text, i)
          inTable = startsRow(text, i)
          break
        case TERMINATOR:
          i = terminator(text, lineStart, i, inTable)
          break
        case DOLLAR:
          i = blocks.dollar(text, i)
          break
        case BACKSLASH:
          i = blocks.backslash(text, i)
          break
        case FENCE:
          i = fence(text, lineStart, i)
          break
        default:
          i = tag(text, i)
      }
    } else if (c === 0x2028 || c === 0x2029) {
      cuts.add(i)
      i = lineStart = crossBlank(text, i)
      inTable = startsRow(text, i)
    } else if (isUnspacedTerminator(c)) {
      i = unspaced(text, i)
    } else if (isSpacedTerminator(c)) {
      i = terminator(text, lineStart, i, inTable)
    } else {
      i++
    }
  }
  return cuts.toSteps(text)
}

function isPlain(c: number): boolean {
  return c < 0x80 && ASCII_KIND[c] === PLAIN
}

/** Crosses the line breaks and blank lines at `at`; returns the start of the next line that holds anything. */
function crossBlank(text: string, at: number): number {
  let i = at
  let lineStart = at
  let breaks = 0
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (isNewline(c)) {
      if (c !== 0x0d || codeAt(text, i + 1) !== 0x0a) breaks++
      lineStart = i + 1
    } else if (!isSpace(c)) break
  }
  if (breaks > 1) blocks.endParagraph()
  else blocks.endLine()
  return i === text.length ? i : lineStart
}

/** A table row: its cells are no sentences. */
function startsRow(text: string, lineStart: number): boolean {
  let i = lineStart
  while (isSpace(codeAt(text, i))) i++
  return codeAt(text, i) === 0x7c
}

/** A run of terminators at `at`; returns the position after it and its closing quotes and brackets. */
function terminator(text: string, lineStart: number, at: number, inTable: boolean): number {
  let to = at + 1
  for (; to < text.length; to++) {
    const c = text.charCodeAt(to)
    if (c < 0x80 ? ASCII_KIND[c] !== TERMINATOR : !isSpacedTerminator(c)) break
  }
  if (to < text.length && isUnspacedTerminator(text.charCodeAt(to))) return to
  const closed = skipClosers(text, to)
  let next = closed
  while (next < text.length && isSpace(text.charCodeAt(next)) && !isNewline(text.charCodeAt(next))) next++
  // At a line's end the newline cuts; without a space nothing does (3.14, a.txt, example.org).
  if (inTable || next === closed || next === text.length || isNewline(text.charCodeAt(next))) return closed
  if (endsStep(text, lineStart, at, to, closed, next)) cuts.add(closed)
  return next
}

/** A run of terminators that need no space after them. */
function unspaced(text: string, at: number): number {
  let to = at + 1
  while (to < text.length && isUnspacedTerminator(text.charCodeAt(to))) to++
  const closed = skipClosers(text, to)
  cuts.add(closed)
  return closed
}

/** A run of backticks or tildes: a fence when three or more of them begin a line, else inline code. */
function fence(text: string, lineStart: number, at: number): number {
  const mark = text.charCodeAt(at)
  let to = at + 1
  while (to < text.length && text.charCodeAt(to) === mark) to++
  if (to - at < 3 || !isIndent(text, lineStart, at)) {
    if (mark === 0x60) blocks.code(at, to)
    return to
  }
  while (to < text.length && text.charCodeAt(to) === 0x20) to++
  blocks.fence(text, at, to, to === text.length || isNewline(text.charCodeAt(to)))
  return to
}

function isIndent(text: string, lineStart: number, at: number): boolean {
  if (at - lineStart > DEEPEST_INDENT) return false
  for (let i = lineStart; i < at; i++) if (!isSpace(text.charCodeAt(i))) return false
  return true
}

function tag(text: string, at: number): number {
  const end = tagEnd(text, at)
  if (end === 0) return at + 1
  const kind = tagKind(text, at, end)
  if (kind === Tag.frame || kind === Tag.open) cuts.add(at)
  if (kind === Tag.frame || kind === Tag.close) cuts.add(end)
  return end
}
