import { combine, parseDecimal, rational, type Rational } from '../countdown/rational.ts'
import { isList, type MathJson } from './latex.ts'

const MOST_DEPTH = 64
/** Digits beyond which exact arithmetic is given up. */
const MOST_BITS = 2048n

/**
 * The exact value of an expression of rational arithmetic alone: sums, products, quotients, whole powers.
 * @returns null for anything else, and for what grows beyond 2,048 bits
 */
export function exactValue(json: MathJson, depth = 0): Rational | null {
  if (depth > MOST_DEPTH) return null
  if (typeof json === 'number') return parseDecimal(String(json))
  if (typeof json === 'string') return null
  if (!isList(json)) return exactLiteral(json)
  const [head, ...rest] = json
  const operands = rest.map((operand) => exactValue(operand, depth + 1))
  if (typeof head !== 'string' || operands.some((value) => value === null)) return null
  const values = operands as Rational[]
  const value = exactOperation(head, values)
  return value !== null && isSmall(value) ? value : null
}

function exactOperation(head: string, values: readonly Rational[]): Rational | null {
  const [a, b] = values
  const fold = (op: '+' | '*', start: bigint): Rational | null =>
    values.reduce<Rational | null>(
      (total, value) => {
        const next = total && combine(op, total, value)
        return next !== null && isSmall(next) ? next : null
      },
      rational(start, 1n),
    )
  if (head === 'Add') return fold('+', 0n)
  if (head === 'Multiply' || head === 'InvisibleOperator') return fold('*', 1n)
  if (a === undefined) return null
  if (head === 'Delimiter') return values.length === 1 ? a : null
  if (head === 'Negate') return { numerator: -a.numerator, denominator: a.denominator }
  if (b === undefined || values.length > 2) return null
  if (head === 'Divide' || head === 'Rational') return combine('/', a, b)
  if (head === 'Subtract') return combine('-', a, b)
  if (head !== 'Power' || b.denominator !== 1n || b.numerator > 64n || b.numerator < -64n) return null
  const exponent = b.numerator < 0n ? -b.numerator : b.numerator
  const up = rational(a.numerator ** exponent, a.denominator ** exponent)
  return b.numerator < 0n ? up && combine('/', rational(1n, 1n)!, up) : up
}

function isSmall({ numerator, denominator }: Rational): boolean {
  const limit = 1n << MOST_BITS
  return (numerator < 0n ? -numerator : numerator) < limit && denominator < limit
}

/** The value of `{num: "3.14"}`, with a period in parentheses: `{num: "0.(36)"}`; null for anything else. */
export function exactLiteral(node: { readonly [key: string]: unknown }): Rational | null {
  const text = typeof node['num'] === 'string' ? node['num'] : null
  if (text === null || text.length > 400) return null
  const repeating = /^(-?\d*)\.(\d*)\((\d+)\)$/.exec(text)
  if (repeating === null) return parseDecimal(text)
  const [, whole = '', lead = '', period = ''] = repeating
  const scale = 10n ** BigInt(lead.length)
  const nines = 10n ** BigInt(period.length) - 1n
  const head = BigInt(`${whole.replace('-', '') || '0'}${lead}`)
  const value = rational(head * nines + BigInt(period), scale * nines)
  return value && whole.startsWith('-')
    ? { numerator: -value.numerator, denominator: value.denominator }
    : value
}
