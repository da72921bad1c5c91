/** An exact fraction. Invariant: `denominator > 0` and the fraction is in lowest terms. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** The fraction `numerator / denominator`; null when the denominator is zero. */
export function rational(numerator: bigint, denominator: bigint): Rational | null {
  if (denominator === 0n) return null
  const divisor = greatestCommonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

/** `a op b`; null for a division by zero. */
export function combine(op: '+' | '-' | '*' | '/', a: Rational, b: Rational): Rational | null {
  if (op === '*') return rational(a.numerator * b.numerator, a.denominator * b.denominator)
  if (op === '/') return rational(a.numerator * b.denominator, a.denominator * b.numerator)
  const left = a.numerator * b.denominator
  const right = b.numerator * a.denominator
  return rational(op === '+' ? left + right : left - right, a.denominator * b.denominator)
}

/**
 * The exact value of decimal text: digits with at most one point and an optional sign and exponent, as
 * `String(number)` writes them too. Null for anything else.
 */
export function parseDecimal(text: string): Rational | null {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text)
  if (!match) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole.length + fraction.length === 0) return null
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n)
  const shift = Number(exponent) - fraction.length
  return shift >= 0 ? rational(digits * 10n ** BigInt(shift), 1n) : rational(digits, 10n ** BigInt(-shift))
}

/** Whether `|a − b| < tolerance`, decided exactly. */
export function isWithin(a: Rational, b: Rational, tolerance: Rational): boolean {
  const difference = combine('-', a, b)!
  const distance = difference.numerator < 0n ? -difference.numerator : difference.numerator
  return distance * tolerance.denominator < tolerance.numerator * difference.denominator
}

/** The fraction as a double: correctly rounded for terms up to 2^53, within one unit beyond. */
export function toNumber({ numerator, denominator }: Rational): number {
  const limit = BigInt(Number.MAX_SAFE_INTEGER)
  const size = numerator < 0n ? -numerator : numerator
  if (size <= limit && denominator <= limit) return Number(numerator) / Number(denominator)
  // Scaled so that the integer quotient keeps more bits than a double holds.
  const shift = Math.max(0, bitLength(denominator) - bitLength(size) + 64)
  const quotient = Number((numerator << BigInt(shift)) / denominator)
  // In two steps: 2 ** -shift alone may be too small for a double where the result is not.
  const half = shift >> 1
  return quotient * 2 ** -half * 2 ** (half - shift)
}

function bitLength(value: bigint): number {
  return value.toString(16).length * 4
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
