const FACTORS: Readonly<Record<string, string>> = {
  hundred: '100',
  thousand: '1000',
  million: '1000000',
  billion: '1000000000',
  trillion: '1000000000000',
}

/** Source of a pattern for the words that multiply the number before them: `5 million`, `3 dozen`. */
export const FACTOR_WORD = String.raw`(?:${Object.keys(FACTORS)
  .map((word) => `[${word[0]!.toUpperCase()}${word[0]!}]${word.slice(1)}`)
  .join('|')})s?\b`

/** A factor too, but problems ask for it as for a unit: 3 dozen are 36, and 3 where the word is left out. */
const DOZEN = String.raw`dozens?\b`
const WITH_FACTORS = new RegExp(String.raw`^(.*[\d)}])((?:\s*(?:${FACTOR_WORD}|${DOZEN}))+)$`, 's')

/**
 * A number as LaTeX that may stand in any formula: without commas of thousands, mixed numbers as sums, words such as
 * "million" multiplied out. Other texts are left as they are.
 */
export function plainNumber(text: string): string {
  const [, number, words] = WITH_FACTORS.exec(text) ?? []
  if (number === undefined || words === undefined) return mixedNumber(text)
  const factors = words
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .map((word) => FACTORS[word.replace(/s$/, '')] ?? '12')
  return `(${mixedNumber(number)})*${factors.join('*')}`
}

function mixedNumber(text: string): string {
  if (/^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text)) return text.replaceAll(',', '')
  return (
    text
      .replace(/\\frac\s*(\d)\s*(\d)/g, '\\frac{$1}{$2}')
      // 1\frac{1}{2} or 1 1/2
      .replace(/^([-+]?)(\d+)\s*\\frac\{(\d+)\}\{(\d+)\}$/, '$1($2+\\frac{$3}{$4})')
      .replace(/^([-+]?)(\d+)\s+(\d+)\/(\d+)$/, '$1($2+\\frac{$3}{$4})')
  )
}
