import { FACTOR_WORD } from './numbers.ts'
import { isUnit } from './units.ts'

const UNICODE: readonly (readonly [RegExp, string])[] = [
  [/[−–]/g, '-'],
  [/×/g, '\\times '],
  [/÷/g, '/'],
  [/·/g, '\\cdot '],
  [/π/g, '\\pi '],
  [/∞/g, '\\infty '],
  [/≤/g, '\\le '],
  [/≥/g, '\\ge '],
  [/≠/g, '\\ne '],
  [/∪/g, '\\cup '],
  [/∈/g, '\\in '],
  [/±/g, '\\pm '],
  [/°/g, '^\\circ '],
  [/θ/g, '\\theta '],
  [/∅/g, '\\emptyset '],
  [/²/g, '^2'],
  [/³/g, '^3'],
  [/√\(([^()]*)\)/g, '\\sqrt{$1}'],
  [/√(\d+|[a-z])/g, '\\sqrt{$1}'],
]

const MARKUP: readonly (readonly [RegExp, string])[] = [
  [
    /\\(?:left|right|bigl?|bigr|Bigl?|Bigr|biggl?|biggr|displaystyle|textstyle|limits)(?![A-Za-z])\s*\.?(?=\s*[()[\]|\\{}]|)/g,
    '',
  ],
  [/\\[dtc]frac(?![A-Za-z])/g, '\\frac'],
  [/\\(?:textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|operatorname|bf|rm)(?![A-Za-z])/g, '\\text'],
  [/\\leq(?:slant)?(?![A-Za-z])/g, '\\le '],
  [/\\geq(?:slant)?(?![A-Za-z])/g, '\\ge '],
  [/\\neq(?![A-Za-z])/g, '\\ne '],
  [/\\(?:varnothing|emptyset)(?![A-Za-z])/g, '\\emptyset'],
  [/\\lbrace(?![A-Za-z])/g, '\\{'],
  [/\\rbrace(?![A-Za-z])/g, '\\}'],
  [/\^\{?\\(?:circ|degree)\}?/g, '\\degree '],
  [/\\(?:degree|degrees)(?![A-Za-z])\s*/g, '\\degree '],
  [/\{,\}/g, ''],
  // \! \, \; \: and the escaped space are spacing
  [/(?<!\\)\\[!,;:]/g, ''],
  [/\\(?:quad|qquad|enspace|hspace\{[^{}]*\}|phantom\{[^{}]*\})(?![A-Za-z])/g, ' '],
  [/(?<!\\)\\ /g, ' '],
  [/~/g, ' '],
  [/,?\s?\\text\s*\{\s*(?:and|or)\s*\}/g, ', '],
  // 5\text{ million dollars}: the factor is part of the number
  [new RegExp(String.raw`(?<=[\d)}]\s*)\\text\s*\{\s*(${FACTOR_WORD})\s*`, 'g'), ' $1 \\text{'],
  [/\\text\s*\{\s*\}/g, ' '],
  // Upright, but still the imaginary unit and the base of the logarithm
  [/(?<=[\d)}+-]\s*)\\text\s*\{\s*([ie])\s*\}/g, '$1'],
]

/** Delimiters that an answer is set in as a whole. */
const WRAPS: readonly (readonly [string, string])[] = [
  ['$$', '$$'],
  ['$', '$'],
  ['\\(', '\\)'],
  ['\\[', '\\]'],
  ['**', '**'],
  ['`', '`'],
  ["'", "'"],
  ['\\boxed{', '}'],
  ['\\text{', '}'],
  ['{', '}'],
]

/**
 * An answer in one notation: math delimiters, spacing and size commands are gone, typographic signs are
 * LaTeX or ASCII, and a full stop at the end is dropped. What it means is unchanged.
 */
export function cleanAnswer(text: string): string {
  let clean = text.trim()
  for (const [pattern, plain] of UNICODE) clean = clean.replace(pattern, plain)
  for (const [pattern, plain] of MARKUP) clean = clean.replace(pattern, plain)
  for (;;) {
    const before = clean
    clean = clean
      .trim()
      .replace(/[.,;]$/, '')
      .trim()
    for (const [open, close] of WRAPS) clean = unwrap(clean, open, close)
    if (clean === before) return clean.replace(/\s+/g, ' ')
  }
}

/** Words set upright as a whole, as `\text{No}` and `\mathrm{TFF}`; a list of them, as `\text{A or B}`, has a structure. */
const UPRIGHT =
  /^[\s$]*\\(?:text(?:bf|it|rm|sf)?|math(?:rm|bf|it|sf)|mbox|operatorname)\s*\{(?!.*\b(?:and|or)\b)\s*[a-z][a-z\s]*[a-z][\s.]*\}[\s.$]*$/i

/** Whether an answer, not yet cleaned, is set as words, so that its letters are no product. */
export const isUpright = (text: string): boolean => UPRIGHT.test(text)

function unwrap(text: string, open: string, close: string): string {
  if (!text.startsWith(open) || !text.endsWith(close) || text.length < open.length + close.length) return text
  const inner = text.slice(open.length, text.length - close.length)
  // Escaped, or not one pair: \{1\}, {1}+{2}, $1$ and $2$
  if (open === '$' && inner.includes('$')) return text
  if (open === '{' || close === '}') {
    if (inner.endsWith('\\')) return text
    let depth = 0
    for (let at = 0; at < inner.length; at++) {
      if (inner[at] === '\\') at++
      else if (inner[at] === '{') depth++
      else if (inner[at] === '}' && --depth < 0) return text
    }
  } else if (inner.includes(open)) return text
  return inner
}

const TEXT = /\\text\s*\{([^{}]*)\}/g

/** A cleaned answer without `\text{…}` around its words. */
export const withoutText = (text: string): string => text.replace(TEXT, '$1')

/** Words alone: for counting them. To compare names, days, colours there is `sameWords`. */
export function plainWords(text: string): string {
  return withoutText(text)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(ARTICLES, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

const ARTICLES = /\b(?:the|a|an)\b/g

/** Whether two texts are the same words, whatever their case, articles and punctuation. B+ is not B-. */
export function sameWords(a: string, b: string): boolean {
  const words = wordsAndSigns(a)
  return words !== '' && words === wordsAndSigns(b)
}

/** Brackets round words and the letters of options: `Paris (France)`, `(a) and (b)`; not those of `f(x)`. */
const BRACKETS =
  /(?<=^|[,;]\s*|\b(?:and|or)\s+)\((\p{L}+)\)(?=\s|$|[,;])|(?<=\p{L}{2}\s+)\((\p{L}[\p{L}\s]*\p{L})\)(?=\s|$|[,;])/gu

/** The colon of `Red: 5`, not of 1:2. */
const COLON = /(?<=\p{L}{2}):(?=\s|$)|(?<=\S):(?=\s+\p{L}{2})/gu

/** The hyphen of `5-sided` where a word follows, but the minus of `5-abcd`, `2-sin(x)`. */
const HYPHEN = /(?<=\d)-(\p{L}+)(?![\p{L}(])/gu

/** Punctuation by where it stands: the point of 1.2, the minus of p-q, the prime of f'(x) and the factorial n! are none. */
const PUNCTUATION =
  /[,;"“”`?—…•✓✔\p{Emoji_Presentation}]|\uFE0F|\.(?!\d)|(?<=\p{L}{2})-(?=\p{L})|(?<=\p{L})-(?=\p{L}{2})|(?<![\p{L}\p{N})'])'|'(?=\p{L})|(?<=\p{L}{2})'|(?<=\p{L}{3}|\bno)!/gu

/** What is left of a text without its punctuation, every sign as a word of its own. */
function wordsAndSigns(text: string): string {
  const words = withoutText(cleanAnswer(text))
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’]/g, "'")
    // Brackets around all of it, and Markdown's *emphasis*
    .replace(/^\(([^()]*)\)$|^\[([^[\]]*)\]$/, '$1$2')
    .replace(/(?<![\p{L}\p{N})])([*_]{1,2})([^*_]+)\1(?![\p{L}\p{N}(])/gu, '$2')
    .replace(BRACKETS, (_, letters?: string, words?: string) => ` ${letters ?? words} `)
    .replace(COLON, ' ')
    .replace(HYPHEN, (joined, word: string) => (isUnit(word) ? ` ${word}` : joined))
    .replace(PUNCTUATION, ' ')
    .replace(/[^\p{L}\p{M}\p{N}\s]/gu, ' $& ')
  const told = [words.replace(ARTICLES, ' '), words].map((one) => one.replace(/\s+/g, ' ').trim())
  return told[0] === '' ? told[1]! : told[0]!
}
