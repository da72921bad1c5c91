import { cleanAnswer, isUpright, sameWords, withoutText } from './clean.ts'
import { sameEquation, sameValue } from './expressions.ts'
import type { MathJson, ParseLatex } from './latex.ts'
import { plainNumber } from './numbers.ts'
import { hasVariables, structureOf, type Items, type Structure } from './structure.ts'
import { conversion } from './units.ts'

/** Whether two answers are the same, and by what. */
export interface Equivalence {
  equal: boolean
  /** False when the answers are no mathematics that could be compared, so that only their texts were. */
  decided: boolean
  reason: string
}

/** Longer answers are compared letter by letter. */
const LONGEST = 2000
/** How deep answers may contain answers. */
const DEEPEST = 4
/** More words are prose, which can be right in other words. */
const FEW_WORDS = /^[a-z]+(?: [a-z]+){0,3}$/i

/**
 * Compares two answers as mathematics, else as words. Symmetric, and conservative: what cannot be shown
 * to be equal is not. Numbers are compared exactly, so that 0.33 is not 1/3; a unit, a percent sign or
 * `x =` that only one side writes is no difference, two different ones are. Letters in `\text{…}` are no product.
 */
export function equivalent(a: string, b: string, parse: ParseLatex): Equivalence {
  if (a.length > LONGEST || b.length > LONGEST) {
    const equal = a.trim() === b.trim()
    return { equal, decided: equal, reason: equal ? 'the same text' : 'different texts, too long to compare' }
  }
  const [x, y] = [cleanAnswer(a), cleanAnswer(b)]
  if (x === '' || y === '') return { equal: false, decided: true, reason: 'no answer given' }
  if (x === y) return { equal: true, decided: true, reason: 'the same text' }
  // Words of two or three letters would else be products: TFF as FTF.
  if ((isUpright(a) || isUpright(b)) && FEW_WORDS.test(x) && FEW_WORDS.test(y)) {
    const equal = sameWords(x, y)
    return { equal, decided: true, reason: equal ? 'the same words' : 'different words' }
  }
  const same = compare(x, y, parse, DEEPEST)
  if (same === true) return { equal: true, decided: true, reason: 'equal in value' }
  if (same === false) return { equal: false, decided: true, reason: 'different values' }
  // Of formulas that could not be compared, the words say too little.
  const equal = sameWords(x, y) && !/[\\^_{}]/.test(withoutText(x) + withoutText(y))
  return equal
    ? { equal: true, decided: true, reason: 'the same words' }
    : { equal: false, decided: false, reason: 'different texts' }
}

/** True or false where that can be decided, else null. */
function compare(a: string, b: string, parse: ParseLatex, depth: number): boolean | null {
  if (a === b) return true
  if (depth === 0) return null
  const [x, y] = [structureOf(a), structureOf(b)]
  const there = compareStructures(x, y, parse, depth)
  // Two plain expressions are compared alike in both directions.
  return there ?? (x.kind === 'plain' && y.kind === 'plain' ? null : compareStructures(y, x, parse, depth))
}

/** One direction of the comparison: rules for a kind are written with that kind on the left. */
function compareStructures(x: Structure, y: Structure, parse: ParseLatex, depth: number): boolean | null {
  const same = (a: string, b: string): boolean | null => compare(a, b, parse, depth - 1)
  switch (x.kind) {
    case 'plain':
      // 120,240 beside a list may be one, too.
      if (y.kind === 'set' || y.kind === 'list')
        return x.bare !== undefined && sameListed({ items: x.bare }, y, sameItems, same) ? true : null
      if (y.kind !== 'plain') return null
      return either(comparePlain(x.text, y.text, parse), compareUnits(x, y, parse, depth))
    case 'percent':
      if (y.kind === 'percent') return same(x.value, y.value)
      if (y.kind !== 'plain') return y.kind === 'quantity' ? false : null
      if (y.quantity !== undefined) return false
      // 50% is a half; 50 leaves the sign out.
      return either(same(x.value, y.text), comparePlain(`(${plainNumber(x.value)})/100`, y.text, parse))
    case 'quantity': {
      // The 2 of 2m; or 2m as a product, as m + m may say it.
      if (y.kind === 'plain') {
        const unitLeftOut =
          y.quantity === undefined ? same(x.value, y.text) : compareStructures(x, y.quantity, parse, depth)
        return either(unitLeftOut, comparePlain(x.text, y.text, parse))
      }
      if (y.kind !== 'quantity') return null
      const factor = conversion(x.unit, y.unit)
      if (factor === null) return false
      const scaled = `(${plainNumber(x.value)})*${factor.numerator}/${factor.denominator}`
      return factor.numerator === factor.denominator
        ? same(x.value, y.value)
        : comparePlain(scaled, y.value, parse)
    }
    case 'relation':
      return compareRelation(x, y, parse, depth)
    case 'set':
    case 'list':
      if (y.kind === 'set' || y.kind === 'list') return sameListed(x, y, sameItems, same)
      // "x = 3" lists one value; so does a set of one.
      return x.kind === 'set' && x.items.length === 1 && y.kind === 'plain' ? same(x.items[0]!, y.text) : null
    case 'union':
      return y.kind === 'union' ? sameItems(x.parts, y.parts, same) : null
    case 'sequence':
      if (y.kind === 'sequence') {
        return x.open === y.open && x.close === y.close ? sameListed(x, y, inOrder, same) : false
      }
      return null
    case 'matrix':
      if (y.kind !== 'matrix' || x.determinant !== y.determinant) return null
      if (x.rows.length !== y.rows.length) return false
      return all(x.rows.map((row, index) => inOrder(row, y.rows[index]!, same)))
  }
}

type Plain = Structure & { kind: 'plain' }

/** `5 DVDs` as a number with a unit; the other side is one too, or a number without any variable. */
function compareUnits(x: Plain, y: Plain, parse: ParseLatex, depth: number): boolean | null {
  if (x.quantity === undefined) return y.quantity === undefined ? null : compareUnits(y, x, parse, depth)
  if (y.quantity !== undefined) return compareStructures(x.quantity, y.quantity, parse, depth)
  return hasVariables(y.text) ? null : compareStructures(x.quantity, y, parse, depth)
}

function comparePlain(a: string, b: string, parse: ParseLatex): boolean | null {
  const [x, y] = [infinite(a), infinite(b)]
  if (x !== null || y !== null)
    return x !== null && y !== null ? x === y : isNumber(x === null ? a : b, parse) ? false : null
  const [left, right] = [expressionOf(a, parse), expressionOf(b, parse)]
  if (left === null || right === null) return null
  // What has no value that is known here, as a number in a base, may still be the same expression.
  return sameValue(left, right) ?? (JSON.stringify(left) === JSON.stringify(right) ? true : null)
}

function isNumber(text: string, parse: ParseLatex): boolean {
  const json = expressionOf(text, parse)
  return json !== null && sameValue(json, json) === true
}

function infinite(text: string): string | null {
  const match = /^([-+]?)\s*\\infty$/.exec(text)
  return match === null ? null : match[1] === '-' ? '-' : '+'
}

function compareRelation(
  x: Structure & { kind: 'relation' },
  y: Structure,
  parse: ParseLatex,
  depth: number,
): boolean | null {
  const same = (a: string, b: string): boolean | null => compare(a, b, parse, depth - 1)
  const named = isName(x.left)
  if (y.kind !== 'relation') {
    // "x = 5" against "5": a name on the left is no part of the value.
    if (!named || x.sign !== '=') return null
    return (
      compareStructures(structureOf(x.right), y, parse, depth - 1) ??
      compareStructures(y, structureOf(x.right), parse, depth - 1)
    )
  }
  if (x.sign !== y.sign) return false
  if (x.left === y.left) return same(x.right, y.right)
  if (x.sign !== '=') return either(all([same(x.left, y.left), same(x.right, y.right)]), null)
  const sides = [x.left, x.right, y.left, y.right].map((side) => expressionOf(side, parse))
  const [a, b, c, d] = sides
  return a == null || b == null || c == null || d == null ? null : sameEquation([a, b], [c, d])
}

/** A letter, a command, points such as AB, also below a bar or after an angle. */
const SYMBOL = String.raw`(?:[A-Za-z]|\\[A-Za-z]+|(?:m?\s*\\(?:angle|triangle)\s*)?[A-Z]{1,3}|\\overline\{[A-Z]{2,3}\})`
const ARGUMENT = String.raw`(?:[A-Za-z]|-?\d+)`
const NAME = new RegExp(
  String.raw`^(?:${SYMBOL}(?:_\{?\w+\}?)?(?:'+|\s*\^\s*\{-1\})?` +
    String.raw`(?:\(${ARGUMENT}(?:(?:,|\||\\mid|\\cap)\s*${ARGUMENT})*\))?` +
    String.raw`|\([a-z](?:,\s*[a-z])+\)|\\frac\{d[A-Za-z]\}\{d[A-Za-z]\}` +
    // What \text{…} leaves: words, and points behind them
    String.raw`|(?:[A-Za-z]{4,}|[A-Z][a-z]{2})(?:\s[A-Za-z]+)*)$`,
)

/** Whether a left side only names what is on the right: `AB`, `f^{-1}(x)`, `P(A)`, `Area`. */
const isName = (text: string): boolean => NAME.test(withoutText(text))

/** LaTeX that no sign of plain text becomes. */
const LATEX = /[{}]|\\(?!(?:times|cdot|pi)\b)/

/** Plain ways of writing become LaTeX; thousands lose their commas; words are no expressions. */
function expressionOf(text: string, parse: ParseLatex): MathJson | null {
  const powers = plainNumber(text).replace(/\*\*/g, '^')
  // Plain text has no braces for the 10 of x^10; in LaTeX that is x¹·0.
  const latex = (LATEX.test(text) ? powers : powers.replace(/\^\s*([-+]?\d+(?:\.\d+)?)(?![\d.])/g, '^{$1}'))
    .replace(/(?<=[0-9A-F])_(\d+)/g, '_{$1}')
    .replace(/(?<![\\A-Za-z])sqrt\s*\(([^()]*)\)/g, '\\sqrt{$1}')
    .replace(/(?<![\\A-Za-z])(sin|cos|tan|log|ln|exp|pi)(?![A-Za-z])/g, '\\$1 ')
    .replace(/\^\(([^()]*)\)/g, '^{$1}')
    .replace(/\\degree/g, '^\\circ')
  if (/\\(?:text|begin|pm|cup|infty)(?![A-Za-z])/.test(latex) || /(?<![\\A-Za-z])[A-Za-z]{4,}/.test(latex))
    return null
  return parse(latex)
}

function either(a: boolean | null, b: boolean | null): boolean | null {
  if (a === true || b === true) return true
  return a ?? b
}

/** True when all are, false when one is not, null when that is open. */
function all(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false
  return values.includes(null) ? null : true
}

type Same = (a: string, b: string) => boolean | null

/** Whether the same is listed however the commas are read; what is not, is judged by the first reading of both. */
function sameListed(a: Items, b: Items, by: typeof inOrder, same: Same): boolean | null {
  const readings = ({ items, bare }: Items): string[][] => (bare === undefined ? [items] : [items, bare])
  // Readings share most of their items, and items may be lists again.
  const known = new Map<string, boolean | null>()
  const once: Same = (x, y) => {
    const pair = `${x}\n${y}`
    if (!known.has(pair)) known.set(pair, same(x, y))
    return known.get(pair) ?? null
  }
  const results = readings(a).flatMap((one) => readings(b).map((other) => by(one, other, once)))
  return results.includes(true) || results[0]!
}

function inOrder(a: readonly string[], b: readonly string[], same: Same): boolean | null {
  return a.length === b.length ? all(a.map((item, index) => same(item, b[index]!))) : false
}

/** Whether the items can be paired off: a matching, so that the order of either side does not matter. */
function sameItems(a: readonly string[], b: readonly string[], same: Same): boolean | null {
  if (a.length !== b.length) return false
  const table = a.map((item) => b.map((other) => same(item, other)))
  const pairOf = new Map<number, number>()
  const place = (row: number, tried: Set<number>): boolean =>
    b.some((_, column) => {
      if (table[row]![column] !== true || tried.has(column)) return false
      tried.add(column)
      const holder = pairOf.get(column)
      if (holder !== undefined && !place(holder, tried)) return false
      pairOf.set(column, row)
      return true
    })
  if (a.every((_, row) => place(row, new Set()))) return true
  return table.flat().includes(null) ? null : false
}
