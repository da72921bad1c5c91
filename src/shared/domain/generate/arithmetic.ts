export type Op = '+' | '-' | '*' | '/'

/** A whole-number expression: a given number, or two expressions under an operation. */
export type Expr = number | { readonly op: Op; readonly left: Expr; readonly right: Expr }

/** A number at hand, with how it was made from the given ones. */
export interface Term {
  readonly value: number
  readonly expr: Expr
}

/** Larger results are left out: nobody reaches a two-digit target through them by hand. */
export const LARGEST = 2000

/** `a op b` where it is a whole number of reasonable size; null otherwise. */
export function apply(op: Op, a: number, b: number): number | null {
  const value = op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : b === 0 ? NaN : a / b
  return Number.isInteger(value) && Math.abs(value) <= LARGEST ? value : null
}

/** The value of an expression whose operations are all whole. @throws RangeError where one is not */
export function valueOf(expr: Expr): number {
  if (typeof expr === 'number') return expr
  const value = apply(expr.op, valueOf(expr.left), valueOf(expr.right))
  if (value === null) throw new RangeError('an operation leaves the whole numbers')
  return value
}

/** An operation on two terms and what it gives. */
export interface Combination {
  readonly op: Op
  readonly a: Term
  readonly b: Term
  readonly result: Term
}

/**
 * Every sensible combination of two of the terms: commutative ones once, differences upwards from the
 * smaller number and, where `negative`, the other way too, quotients where they are whole.
 */
export function combinations(terms: readonly Term[], negative: boolean): Combination[] {
  const found: Combination[] = []
  const add = (op: Op, a: Term, b: Term): void => {
    const value = apply(op, a.value, b.value)
    if (value !== null) found.push({ op, a, b, result: { value, expr: { op, left: a.expr, right: b.expr } } })
  }
  for (const [i, first] of terms.entries()) {
    for (const second of terms.slice(i + 1)) {
      const [a, b] = first.value >= second.value ? [first, second] : [second, first]
      add('+', a, b)
      add('-', a, b)
      if (negative && a.value !== b.value) add('-', b, a)
      add('*', a, b)
      if (b.value !== 0 && a.value % b.value === 0) add('/', a, b)
    }
  }
  return found
}

/** The terms after a combination: its result first, then the others in their order. */
export function combined(terms: readonly Term[], { a, b, result }: Combination): Term[] {
  return [result, ...terms.filter((term) => term !== a && term !== b)]
}
