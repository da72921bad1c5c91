import { combine, parseDecimal, type Rational } from './rational.ts'

/** An arithmetic expression: a number, a sign change, or two expressions under an operation. */
export type Expression =
  | { readonly kind: 'number'; readonly value: Rational }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'operation'
      readonly op: '+' | '-' | '*' | '/'
      readonly left: Expression
      readonly right: Expression
    }

/** Parentheses deeper than this are refused, as Python's own parser does. */
const MAX_DEPTH = 200
/** Longer texts are refused: no answer needs them, and exact fractions grow with every operation. */
const MAX_LENGTH = 4096

/**
 * Parses `+ - * / ( )`, signs, whole numbers and decimals (`2`, `2.5`, `.5`, `2.`) with spaces
 * between them; nothing is implied (`2(3)` is no expression) and nothing is evaluated. Follows Python's
 * reading of numbers: a whole number other than zero has no leading zero. `**` and `//` are not
 * operations here.
 *
 * @returns null when the text is not one such expression, is longer than 4,096 characters or nests
 *   deeper than 200 parentheses
 */
export function parseExpression(text: string): Expression | null {
  if (text.length > MAX_LENGTH) return null
  const token = /[ \t\f]*(\d+\.?\d*|\.\d+|[-+*/()])/y
  let symbol: string | null = null
  let depth = 0

  function advance(): void {
    symbol = token.exec(text)?.[1] ?? null
    if (symbol !== null) end = token.lastIndex
  }

  function sum(): Expression | null {
    let left = product()
    while (left !== null && (symbol === '+' || symbol === '-')) {
      const op = symbol
      advance()
      const right = product()
      left = right && { kind: 'operation', op, left, right }
    }
    return left
  }

  function product(): Expression | null {
    let left = factor()
    while (left !== null && (symbol === '*' || symbol === '/')) {
      const op = symbol
      advance()
      const right = factor()
      left = right && { kind: 'operation', op, left, right }
    }
    return left
  }

  function factor(): Expression | null {
    let negative = false
    while (symbol === '+' || symbol === '-') {
      if (symbol === '-') negative = !negative
      advance()
    }
    const operand = symbol === '(' ? group() : number()
    return operand && negative ? { kind: 'negate', operand } : operand
  }

  function group(): Expression | null {
    if (++depth > MAX_DEPTH) return null
    advance()
    const inside = sum()
    if (symbol !== ')') return null
    depth--
    advance()
    return inside
  }

  function number(): Expression | null {
    if (symbol === null || !/\d/.test(symbol) || /^0+[1-9]\d*$/.test(symbol)) return null
    const value = parseDecimal(symbol)
    advance()
    return value && { kind: 'number', value }
  }

  let end = 0
  advance()
  const expression = sum()
  return symbol === null && /^[ \t\f]*$/.test(text.slice(end)) ? expression : null
}

/** The expression's exact value; null when it divides by zero. */
export function evaluate(expression: Expression): Rational | null {
  if (expression.kind === 'number') return expression.value
  if (expression.kind === 'negate') {
    const value = evaluate(expression.operand)
    return value && { numerator: -value.numerator, denominator: value.denominator }
  }
  const left = evaluate(expression.left)
  const right = left && evaluate(expression.right)
  return right && combine(expression.op, left, right)
}
