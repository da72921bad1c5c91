import type { ExtractionMethod } from './types.ts'

export interface Extracted {
  text: string
  method: ExtractionMethod
}

/** Longer answers are no answers: a tag that was opened early and closed late. */
const LONGEST_ANSWER = 2000

/**
 * The answer a response gives. A mark made for it counts first: `\boxed{…}`, `<answer>…</answer>` or
 * `#### …`, the last one in the text, and a box inside a tag before the tag. Without a mark: what
 * follows the last "the answer is", else the last formula of the last paragraph, else its last number.
 * Linear in the length of the response.
 *
 * @returns null when the response gives none of these
 */
export function extractAnswer(response: string): Extracted | null {
  return markedAnswer(response) ?? statedAnswer(response) ?? lastFormula(response) ?? lastNumber(response)
}

/** The last explicitly marked answer. */
export function markedAnswer(response: string): Extracted | null {
  const found = [lastBoxed(response), lastTag(response), lastHashes(response)].filter((one) => one !== null)
  if (found.length === 0) return null
  const last = found.reduce((a, b) => (b.end > a.end ? b : a))
  const inner = last.method === 'answer_tag' ? lastBoxed(last.text) : null
  const { text, method } = inner ?? last
  return { text, method }
}

/**
 * Markdown's headings and bullets; but `- pi` and `> zero` have a sign, so that a dash must stand before a capital word.
 */
const BULLET = /^\s*(?:(?:#{1,6}|→|\*)\s+|[->]\s+(?=\p{Lu}\p{Ll})(?!\p{L}+\s*[(^_]))/u

/** An answer from prose without the bullet it stands behind. */
export const withoutBullet = (text: string): string => text.replace(BULLET, '')

type Placed = Extracted & { end: number }

/** Boxes looked at, from the last one back, for one that closes. */
const MOST_BOXES = 20

/**
 * The content of the last closed `\boxed{…}` or `\fbox{…}`, the inner one of two nested; braces nest,
 * escaped ones do not count.
 */
export function lastBoxed(text: string): Placed | null {
  const boxes = [...text.matchAll(/\\(?:boxed|fbox)\s*(?:\{|(?<bare>[A-Za-z0-9])(?![A-Za-z]))/g)]
  for (const match of boxes.slice(-MOST_BOXES).reverse()) {
    const bare = match.groups!['bare']
    const start = match.index + match[0].length
    if (bare !== undefined) return { text: bare, method: 'boxed', end: start }
    const end = closingBrace(text, start)
    if (end !== null) return { text: text.slice(start, end).trim(), method: 'boxed', end: end + 1 }
  }
  return null
}

/** Offset of the brace that closes the one before `start`; null within the limit. */
function closingBrace(text: string, start: number): number | null {
  let depth = 1
  const limit = Math.min(text.length, start + LONGEST_ANSWER)
  for (let at = start; at < limit; at++) {
    const c = text[at]
    if (c === '\\') at++
    else if (c === '{') depth++
    else if (c === '}' && --depth === 0) return at
  }
  return null
}

function lastTag(text: string): Placed | null {
  const close = text.lastIndexOf('</answer>')
  const open = close < 0 ? -1 : text.lastIndexOf('<answer>', close)
  if (open < 0 || close - open > LONGEST_ANSWER) return null
  return {
    text: withoutBullet(text.slice(open + '<answer>'.length, close)).trim(),
    method: 'answer_tag',
    end: close + '</answer>'.length,
  }
}

function lastHashes(text: string): Placed | null {
  const at = text.lastIndexOf('####')
  if (at < 0) return null
  const line = /[^\n]{0,2000}/.exec(text.slice(at + 4))![0]
  const answer = line.trim()
  // A heading of the fourth level ("#### Step 2", "#### 2. Solve for x") is no mark.
  if (!/^[-+$€£]?\s*[\d.(\\]/.test(answer) || /^\(?\d+[.):]\s+\**\p{L}/u.test(answer)) return null
  return { text: answer, method: 'hashes', end: at + 4 + line.length }
}

const STATED =
  /\b(?:final answer|answer|result|solution)\b\*{0,2}\s*(?:is|are|was|equals|should be|must be|will be|=|:)\*{0,2}\s*:?\s*/gi

/** What follows the last "the answer is" on its line, up to the end of the sentence. */
export function statedAnswer(response: string): Extracted | null {
  let last: RegExpExecArray | null = null
  for (const match of response.matchAll(STATED)) last = match
  if (last === null) return null
  const from = last.index + last[0].length
  const rest = response.slice(from, from + LONGEST_ANSWER).replace(/^\s*(?:\n\s*)?/, '')
  const formula =
    /^(?:\$\$([^$]+)\$\$|\$([^$]+)\$|\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]|\*\*([^*\n]+)\*\*)/.exec(rest)
  if (formula !== null) {
    const text = formula.slice(1).find((group) => group !== undefined)!
    return { text: withoutBullet(text).trim(), method: 'stated' }
  }
  const sentence = SENTENCE.exec(rest)?.[0].trim() ?? ''
  const text = withoutBullet(sentence).replace(CLOSING_BOLD, '$1').replace(REASON, '$1')
  return text === '' ? null : { text, method: 'stated' }
}

/** Up to what ends it; the mark of a factorial does not: "5! = 120". */
const SENTENCE = /^[^\n]*?(?=[.!?;]?\s*$|[.?;]\s|!\s(?!\s*[=<>≤≥≈]|[-+*/·×÷]\s[^.?\n]*=)|\n)/m

/** "**Answer: 5** because …": bold that opened before the answer ends it. 2**3 is a power. */
const CLOSING_BOLD = /^([^*]*?[^*\s.])\.?(?:\*\*(?![\w({\\]).*|\*)$/
/** "42, as expected" or "5 because 2 + 3 = 5". A list goes on otherwise: "2, 3 and 5". */
const REASON =
  /^(.*?\S)(?:,\s+(?:as|since|because|which|where|when|while|not|but|given|assuming)|\s+(?:because|since))\s.*$/

const FORMULA = /\$\$([^$]+)\$\$|\$([^$\n]+)\$|\\\(([\s\S]*?)\\\)|\\\[([\s\S]*?)\\\]/g

/** The last formula of the last paragraph: what it equals, where it is an equation. */
export function lastFormula(response: string): Extracted | null {
  const paragraph = lastParagraph(response)
  let last: string | null = null
  for (const match of paragraph.matchAll(FORMULA)) last = match.slice(1).find((group) => group !== undefined)!
  if (last === null) return null
  const text = last.slice(last.lastIndexOf('=') + 1).trim()
  return text === '' ? null : { text, method: 'last_formula' }
}

/** The last number of the last paragraph. */
export function lastNumber(response: string): Extracted | null {
  const numbers = lastParagraph(response).match(/-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\/\d+)?%?/g)
  return numbers === null ? null : { text: numbers.at(-1)!, method: 'last_number' }
}

function lastParagraph(response: string): string {
  const text = response.trimEnd()
  const tail = text.slice(-LONGEST_ANSWER)
  const paragraphs = tail.split(/\n\s*\n/)
  return paragraphs.at(-1)!
}
