import { toNumber } from '../countdown/rational.ts'
import {
  add,
  complex,
  cos,
  divide,
  exp,
  log,
  multiply,
  power,
  sin,
  size,
  subtract,
  type Complex,
} from './complex.ts'
import { exactLiteral } from './exact.ts'
import { isList, type MathJson } from './latex.ts'

/** Values of the free symbols. */
export type Point = ReadonlyMap<string, Complex>

/** Nodes visited in one evaluation, sums counted out. */
const MOST_NODES = 4000
const MOST_DEPTH = 64

const CONSTANTS: Readonly<Record<string, Complex>> = {
  Pi: complex(Math.PI),
  e: complex(Math.E),
  ExponentialE: complex(Math.E),
  i: complex(0, 1),
  ImaginaryUnit: complex(0, 1),
  GoldenRatio: complex((1 + Math.sqrt(5)) / 2),
}

/** The symbols of an expression that stand for no constant, sorted; null where one is no plain symbol. */
export function freeSymbols(json: MathJson): string[] | null {
  const found = new Set<string>()
  const bound = new Set<string>()
  const visit = (node: MathJson): boolean => {
    if (typeof node === 'string') {
      if (node.startsWith("'") || INFINITE.has(node)) return false
      if (CONSTANTS[node] === undefined) found.add(node)
      return true
    }
    if (!isList(node)) return true
    const range = node[0] === 'Sum' ? node[2] : undefined
    if (range !== undefined && isList(range) && typeof range[1] === 'string') bound.add(range[1])
    return node.slice(1).every(visit)
  }
  return visit(json) ? [...found].filter((name) => !bound.has(name)).sort() : null
}

const INFINITE = new Set([
  'PositiveInfinity',
  'NegativeInfinity',
  'ComplexInfinity',
  'NaN',
  'EmptySet',
  'Nothing',
])

/**
 * An expression's value in double precision at a point. Bounded: at most 4,000 nodes, no arbitrary
 * precision, factorials up to 170.
 *
 * @returns null for what is not known how to evaluate, is beyond the bounds, or not finite
 */
export function evaluateAt(json: MathJson, point: Point): Complex | null {
  let nodes = 0
  const visit = (node: MathJson, at: Point, depth: number): Complex | null => {
    if (++nodes > MOST_NODES || depth > MOST_DEPTH) return null
    if (typeof node === 'number') return complex(node)
    if (typeof node === 'string') return at.get(node) ?? CONSTANTS[node] ?? null
    if (!isList(node)) return literal(node)
    const [head, ...rest] = node
    if (head === 'Sum') return sum(rest, at, depth)
    const inverse = inverseOf(node)
    if (inverse !== null) return call(inverse.head, [inverse.operand], at, depth)
    return typeof head === 'string' ? call(head, rest, at, depth) : null
  }
  const call = (head: string, rest: readonly MathJson[], at: Point, depth: number): Complex | null => {
    if (isFunctionCall(head, rest)) return null
    const operation = OPERATIONS[head]
    if (operation === undefined) return null
    const operands: Complex[] = []
    for (const operand of rest) {
      const value = visit(operand, at, depth + 1)
      if (value === null) return null
      operands.push(value)
    }
    return operation(operands)
  }
  const sum = (rest: readonly MathJson[], at: Point, depth: number): Complex | null => {
    const [body, range] = rest
    if (body === undefined || range === undefined || !isList(range) || typeof range[1] !== 'string')
      return null
    const [low, high] = [range[2], range[3]].map((bound) =>
      bound === undefined ? null : visit(bound, at, depth + 1),
    )
    if (low == null || high == null || !Number.isInteger(low.re) || !Number.isInteger(high.re)) return null
    if (high.re - low.re > MOST_NODES) return null
    let total = complex(0)
    for (let k = low.re; k <= high.re; k++) {
      const value = visit(body, new Map([...at, [range[1], complex(k)]]), depth + 1)
      if (value === null) return null
      total = add(total, value)
    }
    return total
  }
  const value = visit(json, point, 0)
  return value !== null && Number.isFinite(value.re) && Number.isFinite(value.im) ? value : null
}

const INVERSES: Readonly<Record<string, string>> = { Sin: 'Arcsin', Cos: 'Arccos', Tan: 'Arctan' }

/** tan^{-1} is the inverse function, not the reciprocal. */
function inverseOf([head, base, exponent]: readonly MathJson[]): { head: string; operand: MathJson } | null {
  if (head !== 'Power' || base === undefined || !isList(base) || exponent === undefined) return null
  const isMinusOne = exponent === -1 || (isList(exponent) && exponent[0] === 'Negate' && exponent[1] === 1)
  const inverse = typeof base[0] === 'string' ? INVERSES[base[0]] : undefined
  return isMinusOne && inverse !== undefined && base[1] !== undefined
    ? { head: inverse, operand: base[1] }
    : null
}

/** f(x) is an unknown function, not f times x. */
function isFunctionCall(head: string, rest: readonly MathJson[]): boolean {
  return (
    head === 'InvisibleOperator' &&
    rest.some((one, index) => {
      const next = rest[index + 1]
      return (
        (one === 'f' || one === 'g' || one === 'h') &&
        next !== undefined &&
        isList(next) &&
        next[0] === 'Delimiter'
      )
    })
  )
}

function literal(node: { readonly [key: string]: unknown }): Complex | null {
  const exact = exactLiteral(node)
  return exact === null ? null : complex(toNumber(exact))
}

type Operation = (operands: readonly Complex[]) => Complex | null

const unary =
  (work: (a: Complex) => Complex | null): Operation =>
  (operands) =>
    operands.length === 1 ? work(operands[0]!) : null
const real = (work: (x: number) => number): Operation =>
  unary((a) => (a.im === 0 ? complex(work(a.re)) : null))
const product: Operation = (operands) => operands.reduce(multiply, complex(1))
const pair =
  (work: (a: Complex, b: Complex) => Complex | null): Operation =>
  (operands) =>
    operands.length === 2 ? work(operands[0]!, operands[1]!) : null
const sqrt = unary((a) => power(a, complex(0.5)))
const reciprocal =
  (operation: Operation): Operation =>
  (operands) => {
    const value = operation(operands)
    return value === null ? null : divide(complex(1), value)
  }
const tan: Operation = unary((a) => divide(sin(a), cos(a)))

function factorial(n: number): number {
  if (!Number.isInteger(n) || n < 0 || n > 170) return NaN
  let result = 1
  for (let i = 2; i <= n; i++) result *= i
  return result
}

function binomial(n: number, k: number): number {
  if (!Number.isInteger(n) || !Number.isInteger(k) || k < 0 || k > 1000 || n < k) return NaN
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return Math.round(result)
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  Add: (operands) => operands.reduce(add, complex(0)),
  Subtract: pair(subtract),
  Negate: unary((a) => complex(-a.re, -a.im)),
  Multiply: product,
  InvisibleOperator: product,
  Delimiter: unary((a) => a),
  Divide: pair((a, b) => (size(b) === 0 ? null : divide(a, b))),
  Rational: pair((a, b) => (size(b) === 0 ? null : divide(a, b))),
  Power: pair(power),
  Square: unary((a) => multiply(a, a)),
  Sqrt: sqrt,
  // A real root of a negative number where the index is odd, as the radical sign means it.
  Root: pair((a, b) => {
    if (b.im !== 0 || b.re === 0) return null
    const odd = Number.isInteger(b.re) && Math.abs(b.re) % 2 === 1
    if (a.im === 0 && a.re < 0 && odd) return complex(-((-a.re) ** (1 / b.re)))
    return power(a, complex(1 / b.re))
  }),
  Exp: unary(exp),
  Ln: unary((a) => (size(a) === 0 ? null : log(a))),
  Lb: unary((a) => divide(log(a), complex(Math.LN2))),
  Lg: unary((a) => divide(log(a), complex(Math.LN10))),
  Log: ([a, base]) =>
    a === undefined ? null : divide(log(a), base === undefined ? complex(Math.LN10) : log(base)),
  Sin: unary(sin),
  Cos: unary(cos),
  Tan: tan,
  Cot: reciprocal(tan),
  Sec: reciprocal(unary(cos)),
  Csc: reciprocal(unary(sin)),
  Arcsin: real(Math.asin),
  Arccos: real(Math.acos),
  Arctan: real(Math.atan),
  Sinh: real(Math.sinh),
  Cosh: real(Math.cosh),
  Tanh: real(Math.tanh),
  Abs: unary((a) => complex(size(a))),
  Floor: real(Math.floor),
  Ceil: real(Math.ceil),
  Factorial: real(factorial),
  Binomial: pair((a, b) => (a.im === 0 && b.im === 0 ? complex(binomial(a.re, b.re)) : null)),
  Degrees: unary((a) => multiply(a, complex(Math.PI / 180))),
  Max: (operands) =>
    operands.every(({ im }) => im === 0) ? complex(Math.max(...operands.map(({ re }) => re))) : null,
  Min: (operands) =>
    operands.every(({ im }) => im === 0) ? complex(Math.min(...operands.map(({ re }) => re))) : null,
}
