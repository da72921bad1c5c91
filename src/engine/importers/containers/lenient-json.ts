import type { Json } from '#shared/domain/trace.ts'

const NON_FINITE = /-?\b(?:NaN|Infinity)\b/g

/** An integer of 16 or more digits, or an exponent of three: what a double may not hold. */
const BEYOND_DOUBLE = /[:,[\s]-?\d{16,}[,\]}\s]|\d[eE]\+?\d{3}/

/**
 * Parses JSON as Python writes it: the bare tokens NaN, Infinity and -Infinity become the strings of
 * that name, and numbers that a double cannot hold (64-bit ids, 1e999) the strings of their digits.
 * Lone surrogate escapes are kept as they are.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  try {
    return parseExactly(text)
  } catch (strict) {
    if (!text.includes('NaN') && !text.includes('Infinity')) throw strict
    const quoted = quoteNonFinite(text)
    if (quoted === text) throw strict
    return parseExactly(quoted)
  }
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

function parseExactly(text: string): Json {
  if (!BEYOND_DOUBLE.test(text)) return JSON.parse(text) as Json
  // JSON.parse tells the source of a number to its reviver; TypeScript's types do not say so yet.
  return (JSON.parse as (text: string, reviver: Reviver) => Json)(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value
    const held = Number.isFinite(value) && (!/^-?\d+$/.test(source) || String(value) === source)
    return held ? value : source
  })
}

/** Puts quotes around the non-finite tokens that stand outside strings. */
function quoteNonFinite(text: string): string {
  const parts: string[] = []
  let position = 0
  while (position < text.length) {
    const open = text.indexOf('"', position)
    const until = open < 0 ? text.length : open
    parts.push(text.slice(position, until).replace(NON_FINITE, '"$&"'))
    if (open < 0) break
    const close = closingQuote(text, open)
    parts.push(text.slice(open, close + 1))
    position = close + 1
  }
  return parts.join('')
}

function closingQuote(text: string, open: number): number {
  let quote = open
  for (;;) {
    quote = text.indexOf('"', quote + 1)
    if (quote < 0) return text.length
    let slash = quote
    while (text.charCodeAt(slash - 1) === 92) slash--
    if ((quote - slash) % 2 === 0) return quote
  }
}
