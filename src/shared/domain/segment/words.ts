import { isDigit, isLetter, isSpace } from './chars.ts'

/** Abbreviations after which a sentence goes on whatever follows. */
const ABBREVIATIONS = new Set(
  'dr mr mrs ms prof vs cf approx viz ca resp incl excl e.g i.e eg ie al rev gen sen'.split(' '),
)

/** Abbreviations only before what they number: "Fig. 3", "No. 7", "Eq. (2)"; "No." alone is a sentence. */
const BEFORE_NUMBER = new Set(
  'fig figs eq eqs no nos sec ch vol p pp thm lem prop def cor ex ref refs jan feb mar apr jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
)

/**
 * First words by which a sentence changes what the text is doing: turning, checking, judging,
 * setting out anew. See `endsAfterNumber` in period.ts for where they decide.
 */
const TURNS = new Set(
  (
    'wait but hmm however no not nope actually alternatively maybe perhaps oops oh ah yes yep yeah correct ' +
    'okay ok alright let lets instead hold sorry check checking verify verifying try trying next first finally ' +
    'unfortunately great perfect good close incorrect wrong again still now'
  ).split(' '),
)

const LONGEST_WORD = 16

/** The ASCII word (letters and inner full stops) that ends before `end`, in lower case; '' when there is none. */
function wordBefore(text: string, floor: number, end: number): string {
  const stop = Math.max(floor, end - LONGEST_WORD)
  let i = end
  while (i > stop && (isLetter(text.charCodeAt(i - 1)) || (text.charCodeAt(i - 1) === 0x2e && i < end))) i--
  return text.slice(i, end).toLowerCase()
}

export const Abbreviation = { none: 0, hard: 1, soft: 2 } as const

/**
 * What the word before a full stop at `stop` says about it: `hard` never ends a sentence; `soft`
 * (`etc.`, initials, `U.S.`) may or may not.
 */
export function abbreviationBefore(text: string, floor: number, stop: number, next: number): number {
  const word = wordBefore(text, floor, stop)
  const n = word.length
  if (n === 0) return Abbreviation.none
  if (n === 1) return text.charCodeAt(stop - 1) < 0x61 ? Abbreviation.soft : Abbreviation.none
  if (word.charCodeAt(n - 2) === 0x2e) return ABBREVIATIONS.has(word) ? Abbreviation.hard : Abbreviation.soft
  if (n > 6) return Abbreviation.none
  if (word === 'etc') return Abbreviation.soft
  if (ABBREVIATIONS.has(word)) return Abbreviation.hard
  if (BEFORE_NUMBER.has(word)) {
    const c = text.charCodeAt(next)
    if (isDigit(c) || c === 0x28 || c === 0x24 || c === 0x5c) return Abbreviation.hard
  }
  return Abbreviation.none
}

/** Whether the sentence that starts at `at` (quotes and emphasis skipped) opens with a turn. */
export function opensTurn(text: string, at: number): boolean {
  let i = at
  const limit = Math.min(text.length, at + 4)
  while (i < limit && !isLetter(text.charCodeAt(i)) && !isSpace(text.charCodeAt(i))) i++
  let end = i
  const far = Math.min(text.length, i + LONGEST_WORD)
  while (end < far && isLetter(text.charCodeAt(end))) end++
  return end > i && TURNS.has(text.slice(i, end).toLowerCase())
}
