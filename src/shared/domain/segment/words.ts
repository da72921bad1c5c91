import { codeAt, isDigit, isLetter, isSpace } from './chars.ts'

/** Abbreviations after which a sentence goes on whatever follows. */
const ABBREVIATIONS = new Set(
  'dr mr mrs ms prof vs cf approx viz ca resp incl excl e.g i.e eg ie al rev gen sen'.split(' '),
)

/** Abbreviations only before what they number: "Fig. 3", "Eq. (2)", "see No. 7". */
const BEFORE_NUMBER = new Set(
  'fig figs eq eqs no nos sec ch vol p pp thm lem prop def cor ex ref refs jan feb mar apr jun jul aug sep sept oct nov dec'.split(
    ' ',
  ),
)

/**
 * First words by which a sentence changes what the text is doing: turning, checking, judging,
 * setting out anew. See `endsStep` in period.ts for where they decide.
 */
const TURNS = new Set(
  (
    'wait but hmm however no not nope actually alternatively maybe perhaps oops oh ah yes yep yeah correct ' +
    'okay ok alright let lets instead hold sorry check checking verify verifying try trying next first finally ' +
    'unfortunately great perfect good close incorrect wrong again still now'
  ).split(' '),
)

const LONGEST_TURN = 16
/** Longest word that the tables below hold, with its inner full stops. */
const LONGEST_ABBREVIATION = 6

/**
 * Start of the ASCII word (letters and inner full stops) that ends before `end`; -1 when it is longer
 * than any abbreviation, `end` when there is none.
 */
function wordStart(text: string, floor: number, end: number): number {
  let i = end
  while (i > floor) {
    const c = text.charCodeAt(i - 1)
    if (!isLetter(c) && (c !== 0x2e || i === end)) break
    i--
    if (end - i > LONGEST_ABBREVIATION) return -1
  }
  return i
}

export const Abbreviation = { none: 0, hard: 1, soft: 2 } as const

/**
 * What the word before a full stop at `stop` says about it: `hard` never ends a sentence; `soft`
 * (`etc.`, initials, `U.S.`) may or may not.
 */
export function abbreviationBefore(text: string, floor: number, stop: number, next: number): number {
  const start = wordStart(text, floor, stop)
  if (start < 0 || start === stop) return Abbreviation.none
  const n = stop - start
  if (n === 1) return codeAt(text, stop - 1) < 0x61 ? Abbreviation.soft : Abbreviation.none
  const word = text.slice(start, stop).toLowerCase()
  if (word.charCodeAt(n - 2) === 0x2e) return ABBREVIATIONS.has(word) ? Abbreviation.hard : Abbreviation.soft
  if (word === 'etc') return Abbreviation.soft
  if (ABBREVIATIONS.has(word)) return Abbreviation.hard
  if (BEFORE_NUMBER.has(word) && !(word === 'no' && isAnswerNo(text, floor, stop - 2))) {
    const c = codeAt(text, next)
    if (isDigit(c) || c === 0x28 || c === 0x24 || c === 0x5c) return Abbreviation.hard
  }
  return Abbreviation.none
}

/** "No. 4*5 is 20" answers; only a capital "No." within a sentence ("see No. 7") numbers. */
function isAnswerNo(text: string, floor: number, at: number): boolean {
  if (codeAt(text, at) !== 0x4e || at - 2 < floor) return true
  const before = codeAt(text, at - 2)
  return before === 0x2e || before === 0x21 || before === 0x3f
}

/** Whether the sentence that starts at `at` (quotes and emphasis skipped) opens with a turn. */
export function opensTurn(text: string, at: number): boolean {
  let i = at
  const limit = Math.min(text.length, at + 4)
  while (i < limit && !isLetter(text.charCodeAt(i)) && !isSpace(text.charCodeAt(i))) i++
  if (!isLetter(codeAt(text, i))) return false
  let end = i + 1
  const far = Math.min(text.length, i + LONGEST_TURN)
  while (end < far && isLetter(text.charCodeAt(end))) end++
  return TURNS.has(text.slice(i, end).toLowerCase())
}
