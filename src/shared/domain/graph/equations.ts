import { append } from '../append.ts'
import { evaluate, parseExpression } from '../countdown/expression.ts'
import { toNumber, type Rational } from '../countdown/rational.ts'
import { createTokens, NUMBER, SYMBOL, tokenize, type Tokens } from '../features/tokens.ts'
import type { Equation } from './types.ts'

/** One side of an equation, or an expression that stands alone. Offsets are UTF-16. */
export interface Side {
  readonly start: number
  readonly end: number
  /** As written, operators in ASCII, without spaces. */
  readonly text: string
  /** Null when it divides by zero, or is too great for a number. */
  readonly value: number | null
  readonly operators: number
  readonly numbers: readonly number[]
  /** Digits after the point, the most of any of its numbers. */
  readonly decimals: number
  /** How far the value may be off because its fractions were rounded or cut off; 0 without fractions. */
  readonly play: number
}

/** Sides joined by equals signs: `(98−96)+(34−1) = 2+33 = 35`. `opens` when it begins with the equals sign. */
export interface Chain {
  readonly opens: boolean
  readonly sides: readonly Side[]
  /** `approximate[i]` tells whether side `i` follows an approximately-equals sign. */
  readonly approximate: readonly boolean[]
}

const EQUALS = 0x3d
const APPROXIMATELY = 0x2248
const UNEQUAL = 0x2260
const OPEN = 0x28
const CLOSE = 0x29
const MINUS = 0x2d
const TIMES = 0x2a
const DOT = 0x2e
const DOTS = 0x2026
const FRACTION = /\.\d+/g

const tokens = createTokens()

/**
 * Reads the arithmetic in `[start, end)` of `text`: numbers, `+ - * /` with their typographic and TeX forms, `x`
 * between numbers, brackets, and equals signs. What does not parse as an expression ends a chain.
 */
export function readChains(text: string, start: number, end: number): Chain[] {
  tokenize(text, start, end, tokens)
  const chains: Chain[] = []
  for (let at = 0; at < tokens.count;) {
    if (!belongs(tokens, at, text)) {
      at++
      continue
    }
    let to = at + 1
    while (to < tokens.count && belongs(tokens, to, text) && !breaks(text, tokens, to)) to++
    const from = isBullet(text, tokens, at) ? at + 1 : at
    append(chains, readRun(text, tokens, from, to))
    at = to
  }
  return chains
}

function readRun(text: string, tokens: Tokens, from: number, to: number): Chain[] {
  const chains: Chain[] = []
  let sides: Side[] = []
  let approximate: boolean[] = []
  let opens = false
  let relation = 0
  const close = () => {
    if (sides.length > 1 || (sides.length === 1 && (opens || sides[0]!.operators > 0)))
      chains.push({ opens, sides, approximate })
    sides = []
    approximate = []
    opens = false
  }
  for (let start = from; start <= to;) {
    let end = start
    while (end < to && !isRelation(tokens, end)) end++
    const side = readSide(text, tokens, start, end)
    if (side === null || relation === UNEQUAL) {
      // Two relations in a row, or a side that is no expression: a new chain.
      if (end > start || sides.length > 0) close()
      if (side !== null) {
        sides.push(side)
        approximate.push(false)
      }
    } else {
      if (sides.length === 0 && relation !== 0) opens = true
      sides.push(side)
      approximate.push(relation === APPROXIMATELY)
    }
    relation = end < to ? tokens.value[end]! : 0
    start = end + 1
  }
  close()
  return chains
}

function readSide(text: string, tokens: Tokens, from: number, to: number): Side | null {
  let open = 0
  let unmatched = 0
  for (let at = from; at < to; at++) {
    if (symbolAt(tokens, at) === OPEN) open++
    else if (symbolAt(tokens, at) === CLOSE) {
      if (open > 0) open--
      else unmatched++
    }
  }
  while (from < to && symbolAt(tokens, from) === OPEN && open > 0) {
    open--
    from++
  }
  while (to > from && (isOperator(tokens, to - 1) || (symbolAt(tokens, to - 1) === CLOSE && unmatched > 0))) {
    if (symbolAt(tokens, to - 1) === CLOSE) unmatched--
    to--
  }
  if (from >= to) return null
  let written = ''
  let operators = 0
  const numbers: number[] = []
  for (let at = from; at < to; at++) {
    if (isEllipsis(tokens, at)) continue
    if (tokens.kind[at] === NUMBER) {
      written += text
        .slice(tokens.start[at], tokens.end[at])
        .replaceAll(',', '')
        .replace(/^0+(?=\d)/, '')
      numbers.push(tokens.value[at]!)
    } else {
      const symbol = isCross(text, tokens, at) ? TIMES : tokens.value[at]!
      written += String.fromCharCode(symbol)
      const follows = at > from && (tokens.kind[at - 1] === NUMBER || symbolAt(tokens, at - 1) === CLOSE)
      if (symbol !== OPEN && symbol !== CLOSE && follows) operators++
    }
  }
  const expression = parseExpression(written)
  if (expression === null || numbers.length === 0 || !numbers.every(Number.isFinite)) return null
  const exact: Rational | null = evaluate(expression)
  const value = exact && finite(toNumber(exact))
  const fractions = written.match(FRACTION) ?? []
  return {
    start: tokens.start[from]!,
    end: tokens.end[to - 1]!,
    text: written,
    value,
    operators,
    numbers,
    decimals: fractions.reduce((most, digits) => Math.max(most, digits.length - 1), 0),
    play: value === null ? 0 : playOf(written, value, fractions),
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** What the fractions may have lost: their last places in sum, or more where something multiplies them. */
function playOf(written: string, value: number, fractions: readonly string[]): number {
  if (fractions.length === 0) return 0
  const places = fractions.reduce((sum, digits) => sum + 10 ** (1 - digits.length), 0)
  const longer = parseExpression(written.replace(FRACTION, '$&9'))
  const other = longer && evaluate(longer)
  return other === null ? places : Math.max(places, Math.abs(toNumber(other) - value))
}

/**
 * Whether the text may say that the sides are equal: exactly, or to the decimals that are given (rounded or cut
 * off, in each term), or, where it says approximately, within one percent.
 */
export function agrees(left: Side, right: Side, approximate: boolean): boolean {
  const { value } = left
  const claimed = right.value
  if (value === null || claimed === null) return false
  const decimals = Math.min(left.decimals || Infinity, right.decimals || Infinity)
  const terms = Math.max(left.numbers.length, right.numbers.length)
  // Whole numbers were not rounded: they give play only where they multiply what was.
  const rounding = Math.min(terms * 10 ** -decimals, Math.max(left.play, right.play))
  const slack = decimals < Infinity ? rounding : approximate ? 0.5 : 0
  const wide = approximate ? Math.max(slack, Math.abs(value) * 0.01) : slack
  return Math.abs(value - claimed) <= wide + 1e-9 * Math.max(1, Math.abs(value))
}

/** The equations of a chain; `before` is what a chain that opens with an equals sign goes on from. */
export function equationsOf({ sides, approximate, opens }: Chain, before: Side | null): Equation[] {
  const all = opens && before !== null ? [before, ...sides] : sides
  const shift = all.length - sides.length
  return all.slice(1).map((right, at) => {
    const left = all[at]!
    return {
      start: left === before ? right.start : left.start,
      end: right.end,
      left: left.text,
      right: right.text,
      value: left.value,
      claimed: right.value,
      holds: agrees(left, right, approximate[at + 1 - shift]!),
    }
  })
}

function symbolAt(tokens: Tokens, at: number): number {
  return at < tokens.count && tokens.kind[at] === SYMBOL ? tokens.value[at]! : 0
}

function isOperator(tokens: Tokens, at: number): boolean {
  const code = symbolAt(tokens, at)
  return code === 0x2a || code === 0x2b || code === MINUS || code === 0x2f || code === OPEN
}

function isRelation(tokens: Tokens, at: number): boolean {
  const code = symbolAt(tokens, at)
  return code === EQUALS || code === APPROXIMATELY || code === UNEQUAL
}

function belongs(tokens: Tokens, at: number, text: string): boolean {
  if (tokens.kind[at] === NUMBER || isEllipsis(tokens, at)) return true
  return (
    isOperator(tokens, at) ||
    symbolAt(tokens, at) === CLOSE ||
    isRelation(tokens, at) ||
    isCross(text, tokens, at)
  )
}

/** Dots that say a number goes on, up to three: `5.166...`. */
function isEllipsis(tokens: Tokens, at: number): boolean {
  const code = symbolAt(tokens, at)
  if (code !== DOT && code !== DOTS) return false
  for (let dot = at; dot > Math.max(0, at - 3); dot--) {
    if (tokens.end[dot - 1] !== tokens.start[dot]) return false
    if (tokens.kind[dot - 1] === NUMBER)
      return symbolAt(tokens, dot) === DOTS || symbolAt(tokens, dot + 1) === DOT
    if (symbolAt(tokens, dot - 1) !== DOT) return false
  }
  return false
}

/** The letter x between two numbers or brackets. */
function isCross(text: string, tokens: Tokens, at: number): boolean {
  if (tokens.end[at]! - tokens.start[at]! !== 1 || at === 0 || at + 1 >= tokens.count) return false
  const code = text.charCodeAt(tokens.start[at]!) | 0x20
  if (code !== 0x78) return false
  const before = tokens.kind[at - 1] === NUMBER || symbolAt(tokens, at - 1) === CLOSE
  return before && (tokens.kind[at + 1] === NUMBER || symbolAt(tokens, at + 1) === OPEN)
}

/** A line break or a second number without an operator between them ends a run. */
function breaks(text: string, tokens: Tokens, at: number): boolean {
  const number = tokens.kind[at] === NUMBER || symbolAt(tokens, at) === OPEN
  const before =
    tokens.kind[at - 1] === NUMBER || symbolAt(tokens, at - 1) === CLOSE || isEllipsis(tokens, at - 1)
  if (number && before) return true
  return text.slice(tokens.end[at - 1], tokens.start[at]).includes('\n')
}

/** A dash that opens a list item is no minus. */
function isBullet(text: string, tokens: Tokens, at: number): boolean {
  const code = symbolAt(tokens, at)
  if ((code !== MINUS && code !== TIMES) || at + 1 >= tokens.count) return false
  const start = tokens.start[at]!
  return (
    (start === 0 ||
      text.slice(0, start).trimEnd() === '' ||
      /\n[ \t]*$/.test(text.slice(Math.max(0, start - 40), start))) &&
    tokens.start[at + 1]! > tokens.end[at]!
  )
}
