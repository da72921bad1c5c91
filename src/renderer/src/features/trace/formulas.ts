/** A formula in a text. `start` and `end` include its delimiters; UTF-16. */
export interface Formula {
  readonly start: number
  readonly end: number
  /** What stands between the delimiters, for a typesetter. */
  readonly tex: string
  /** Whether it stands on a line of its own. */
  readonly display: boolean
}

/** Longer ones stay as they are written: typesetting them would make reading halt. */
export const LONGEST_FORMULA = 2000

const ENVIRONMENTS =
  'equation|align|alignat|gather|multline|aligned|gathered|split|cases|array|[pbvBV]?matrix|smallmatrix'
/** What may open a formula, or code, in which a dollar is a dollar. */
const OPENERS = new RegExp(
  String.raw`${'`'}{3}|\[asy\]|\\\\|\\\$|\\\(|\\\[|\$\$?|\\begin\{((?:${ENVIRONMENTS})\*?)\}`,
  'g',
)

/**
 * The formulas of a text: `\(…\)`, `\[…\]`, `$…$`, `$$…$$` and the usual environments of amsmath. Single
 * dollars are formulas only when the inside looks like one: a dollar is money more often than not.
 */
export function findFormulas(text: string): Formula[] {
  const found: Formula[] = []
  OPENERS.lastIndex = 0
  for (let match = OPENERS.exec(text); match !== null; match = OPENERS.exec(text)) {
    const [opener, environment] = match
    const start = match.index
    const inside = start + opener.length
    // `\\[2pt]` is a line break with space, and `\$` a dollar.
    if (opener === '\\\\' || opener === String.raw`\$`) continue
    if (opener === '```' || opener === '[asy]') {
      const close = text.indexOf(opener === '```' ? opener : '[/asy]', inside)
      OPENERS.lastIndex = close < 0 ? text.length : close + 3
      continue
    }
    const close = closeOf(text, opener, environment, inside)
    if (close === null) continue
    const [end, length] = close
    const tex = environment === undefined ? text.slice(inside, end) : text.slice(start, end + length)
    if (tex.trim() === '' || tex.length > LONGEST_FORMULA) continue
    found.push({
      start,
      end: end + length,
      tex,
      display: opener === '$$' || opener === '\\[' || environment !== undefined,
    })
    OPENERS.lastIndex = end + length
  }
  return found
}

/** Where the inside of a formula ends, and the length of what closes it; null when nothing does. */
function closeOf(
  text: string,
  opener: string,
  environment: string | undefined,
  from: number,
): readonly [number, number] | null {
  if (environment !== undefined) return seek(text, `\\end{${environment}}`, from)
  if (opener === '\\(') return seek(text, '\\)', from)
  if (opener === '\\[') return seek(text, '\\]', from)
  if (opener === '$$') return seek(text, '$$', from)
  return dollarClose(text, from)
}

function seek(text: string, closer: string, from: number): readonly [number, number] | null {
  const most = from + LONGEST_FORMULA
  for (let at = text.indexOf(closer, from); at >= 0 && at <= most; at = text.indexOf(closer, at + 1))
    if (!isEscaped(text, at)) return [at, closer.length]
  return null
}

/**
 * The rule of Pandoc: no white space inside the dollars, no digit after them; and the inside must not
 * read as prose, so that two prices in a sentence are no formula.
 */
function dollarClose(text: string, from: number): readonly [number, number] | null {
  if (/\s/.test(text[from] ?? ' ')) return null
  for (let at = text.indexOf('$', from); at >= 0; at = text.indexOf('$', at + 1)) {
    if (at - from > LONGEST_FORMULA) return null
    if (isEscaped(text, at)) continue
    const inside = text.slice(from, at)
    if (/\s$/.test(inside) || /[\d$]/.test(text[at + 1] ?? '') || /\n\s*\n/.test(inside)) return null
    return looksLikeMath(inside) ? [at, 1] : null
  }
  return null
}

function looksLikeMath(inside: string): boolean {
  const bare = inside.replace(/\\[a-z]*text[a-z]*\s*\{[^}]*\}/gi, '').replace(/\\[a-z]+/gi, '')
  const prose = /[a-z]{4,}/i.test(bare) || /\b(?:a|an|and|for|the|to|of|is|at|per|in)\s/i.test(bare)
  if (/[\\^_]/.test(inside)) return !prose || /[\\^_{]/.test(inside.slice(0, 12))
  return !prose && (/[=+\-*/<>|()]/.test(inside) || inside.length <= 12)
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let count = 0
  while (text[at - 1 - count] === '\\') count++
  return count % 2 === 1
}
