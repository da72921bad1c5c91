import { FNV_BASIS, finish, hashPair } from './hash.ts'
import { NUMBER, SYMBOL, type Tokens } from './tokens.ts'

/** What the arithmetic written in one step says. */
export interface Arithmetic {
  /** Equations `a op b = c` that hold, and that do not. */
  right: number
  wrong: number
  /** Hash of the first expression with an operator, 0 when there is none. */
  expression: number
  /** Hash of that expression's numbers in any order, and how many they are. */
  leaves: number
  leafCount: number
  /** Whether one of its numbers is `lastResult` as given. */
  usesLast: boolean
  /** Last value after an equals sign, else the value of the last expression; NaN when there is none. */
  result: number
}

const DEEPEST = 32

/**
 * Reads the runs of numbers, operators and equals signs in a step. A step that opens with an equals
 * sign goes on from `lastResult`, the result of an earlier step (NaN for none).
 */
export function readArithmetic(tokens: Tokens, lastResult: number): Arithmetic {
  const facts: Arithmetic = {
    right: 0,
    wrong: 0,
    expression: 0,
    leaves: 0,
    leafCount: 0,
    usesLast: false,
    result: NaN,
  }
  for (let at = 0; at < tokens.count;) {
    if (!belongs(tokens, at)) {
      at++
      continue
    }
    let end = at + 1
    while (end < tokens.count && belongs(tokens, end)) end++
    readRun(tokens, at, end, at === 0 ? lastResult : NaN, lastResult, facts)
    at = end
  }
  return facts
}

function belongs(tokens: Tokens, at: number): boolean {
  return (
    tokens.kind[at] === NUMBER ||
    (tokens.kind[at] === SYMBOL && (isOperator(tokens.value[at]!) || isEquals(tokens.value[at]!)))
  )
}

/** One run: expressions separated by equals signs, each compared with the one before. */
function readRun(
  tokens: Tokens,
  from: number,
  to: number,
  before: number,
  last: number,
  facts: Arithmetic,
): void {
  let left = before
  let relation = 0
  for (let start = from; start <= to;) {
    let end = start
    while (end < to && !isEqualsAt(tokens, end)) end++
    const operators = noteExpression(tokens, start, end, last, facts)
    const value = end > start ? evaluate(tokens, start, end) : NaN
    if (!Number.isNaN(value)) {
      if (relation !== 0 && !Number.isNaN(left)) judge(left, value, relation, facts)
      if (relation !== 0 || operators > 0) facts.result = value
      left = value
    } else if (end > start) left = NaN
    relation = end < to ? tokens.value[end]! : 0
    start = end + 1
  }
}

function judge(left: number, right: number, relation: number, facts: Arithmetic): void {
  const tolerance = relation === 0x3d ? 1e-6 : 0.02
  const same = Math.abs(left - right) <= tolerance * Math.max(1, Math.abs(left))
  if (same === (relation !== 0x2260)) facts.right++
  else facts.wrong++
}

/** Number of operators; the first expression that has one becomes the step's expression. */
function noteExpression(tokens: Tokens, start: number, end: number, last: number, facts: Arithmetic): number {
  let operators = 0
  let leaves = 0
  let leafCount = 0
  let hash = FNV_BASIS
  let usesLast = false
  for (let at = start; at < end; at++) {
    hash = hashPair(hash, tokens.hash[at]!)
    if (tokens.kind[at] === NUMBER) {
      leaves = (leaves + finish(tokens.hash[at]!)) | 0
      leafCount++
      if (tokens.value[at] === last) usesLast = true
    } else if (at > start && tokens.value[at] !== 0x28 && tokens.value[at] !== 0x29) operators++
  }
  if (operators > 0 && leafCount > 1 && facts.expression === 0) {
    facts.expression = hash | 1
    facts.leaves = leaves
    facts.leafCount = leafCount
    facts.usesLast = usesLast
  }
  return operators
}

/** Value of the tokens `[start, end)` as an expression with the usual precedence; NaN when it is none or not finite. */
function evaluate(tokens: Tokens, start: number, end: number): number {
  let at = start
  const value = sum(0)
  return at === end && Number.isFinite(value) ? value : NaN

  function symbol(): number {
    return at < end && tokens.kind[at] === SYMBOL ? tokens.value[at]! : 0
  }
  function sum(depth: number): number {
    let value = product(depth)
    for (let operator = symbol(); operator === 0x2b || operator === 0x2d; operator = symbol()) {
      at++
      const right = product(depth)
      value = operator === 0x2b ? value + right : value - right
    }
    return value
  }
  function product(depth: number): number {
    let value = unary(depth)
    for (let operator = symbol(); operator === 0x2a || operator === 0x2f; operator = symbol()) {
      at++
      const right = unary(depth)
      value = operator === 0x2a ? value * right : value / right
    }
    return value
  }
  function unary(depth: number): number {
    if (at >= end || depth > DEEPEST) return NaN
    if (tokens.kind[at] === NUMBER) return tokens.value[at++]!
    const operator = symbol()
    at++
    if (operator === 0x2d) return -unary(depth + 1)
    if (operator !== 0x28) return NaN
    const value = sum(depth + 1)
    if (symbol() !== 0x29) return NaN
    at++
    return value
  }
}

function isOperator(code: number): boolean {
  return (code >= 0x28 && code <= 0x2b) || code === 0x2d || code === 0x2f
}

function isEqualsAt(tokens: Tokens, at: number): boolean {
  return tokens.kind[at] === SYMBOL && isEquals(tokens.value[at]!)
}

/** Equals, approximately equals, not equals. */
function isEquals(code: number): boolean {
  return code === 0x3d || code === 0x2248 || code === 0x2260
}
