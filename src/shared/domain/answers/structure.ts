import { cleanAnswer } from './clean.ts'
import { FACTOR_WORD } from './numbers.ts'
import { GREEK, isUnit, mayBeUnit } from './units.ts'

/** An answer by its outer form; the parts are cleaned answers themselves. */
export type Structure =
  | { kind: 'matrix'; rows: string[][]; determinant: boolean }
  | { kind: 'union'; parts: string[] }
  /** `(a, b]`: an interval or a pair, whichever the other side is. */
  | ({ kind: 'sequence'; open: string; close: string } & Items)
  | ({ kind: 'set' } & Items)
  /** `1, 2` without brackets: values in any order. */
  | ({ kind: 'list' } & Items)
  | { kind: 'relation'; left: string; sign: string; right: string }
  | { kind: 'percent'; value: string }
  | Quantity
  /**
   * `5 DVDs` is a product or, where nothing else has variables, a number with a unit; `120,240` a number or, beside a list,
   * its bare items.
   */
  | { kind: 'plain'; text: string; quantity?: Quantity; bare?: string[] }

/** What is listed. Where bare commas were read as those of thousands but may separate, as in `120,240, 360`, also so. */
export interface Items {
  items: string[]
  bare?: string[]
}

export interface Quantity {
  kind: 'quantity'
  value: string
  unit: string
  text: string
}

/** Longer answers are compared as text alone. */
export const LONGEST_STRUCTURED = 600
const MOST_ITEMS = 40

/** Takes a cleaned answer apart. Linear in its length. */
export function structureOf(text: string): Structure {
  const plain: Structure = { kind: 'plain', text }
  if (text.length > LONGEST_STRUCTURED) return plain
  const matrix = /^\\begin\{([pbvBV]?matrix|array)\}(?:\{[lcr|]*\})?([\s\S]*)\\end\{\1\}$/.exec(text)
  if (matrix !== null && !matrix[2]!.includes('\\begin')) {
    const rows = matrix[2]!
      .replace(/\\hline/g, '')
      .split(/\\\\/)
      .filter((row) => row.trim() !== '')
      .map((row) => row.split('&').map(cleanAnswer))
    return { kind: 'matrix', rows, determinant: /^[vV]matrix$/.test(matrix[1]!) }
  }
  const membership = /^[a-zA-Z]\s*\\in(?![A-Za-z])\s*(?=[[({\\])(.*)$/s.exec(text)
  if (membership !== null) return structureOf(cleanAnswer(membership[1]!))
  const parts = splitTop(text, /\\cup(?![A-Za-z])/y)
  if (parts.length > 1) return { kind: 'union', parts }
  const set = /^\\\{(.*)\\\}$/s.exec(text)
  if (set !== null) {
    const listed = itemsOf(set[1]!, /,/y, /,\s/y)
    if (listed.items.every(isBalanced))
      return bounded({ kind: 'set', ...(listed.items[0] === '' ? { items: [] } : listed) }, plain)
  }
  if (text === '\\emptyset') return { kind: 'set', items: [] }
  const bracketed = /^([[(])(.*)([\])])$/s.exec(text)
  if (bracketed !== null && isBalanced(bracketed[2]!)) {
    const listed = itemsOf(bracketed[2]!, /,/y, /,\s/y)
    if (listed.items.length > 1 && !listed.items.includes(''))
      return bounded({ kind: 'sequence', open: bracketed[1]!, close: bracketed[3]!, ...listed }, plain)
  }
  if (!isThousands(text)) {
    const listed = itemsOf(
      text,
      /[,;](?:\s*(?:and|or)\s)?|\s(?:and|or)\s/y,
      /;(?:\s*(?:and|or)\s)?|,\s(?:(?:and|or)\s)?|\s(?:and|or)\s/y,
    )
    const { items } = listed
    if (items.length > 1 && !items.includes('') && items.every(isBalanced))
      return bounded({ kind: 'list', ...listed }, plain)
  }
  const plusMinus = splitTop(text, /\\pm(?![A-Za-z])/y)
  if (plusMinus.length === 2) {
    const [before, after] = plusMinus as [string, string]
    return { kind: 'list', items: [cleanAnswer(`${before}+${after}`), cleanAnswer(`${before}-${after}`)] }
  }
  const relation = splitRelation(text)
  if (relation !== null) return relation
  return measured(text) ?? { ...plain, ...(isThousands(text) && bareItems(text, /,/y)) }
}

function bounded(structure: Items & Structure, plain: Structure): Structure {
  return structure.items.length > MOST_ITEMS ? plain : structure
}

/**
 * What a text lists. Where another separator than a bare comma stands between numbers, bare ones may be those of thousands:
 * `1,000, 2,000`, `1,000 and 2,000`.
 */
function itemsOf(text: string, separator: RegExp, clear: RegExp): Items {
  const items = splitTop(text, clear)
  const isClear =
    items.length > 1 &&
    items.some(isThousands) &&
    items.every((item) => isThousands(item) || splitTop(item, /,/y).length === 1)
  return isClear ? { items, ...bareItems(text, separator) } : { items: splitTop(text, separator) }
}

/** The items between all commas; none where one could only be of thousands, as the 000 of `1,000`. */
function bareItems(text: string, separator: RegExp): { bare?: string[] } {
  const bare = splitTop(text, separator)
  const isList =
    bare.length <= MOST_ITEMS && !bare.some((item, at) => item === '' || (at > 0 && /^0\d/.test(item)))
  return isList ? { bare } : {}
}

/** The left sides of `x = 1,000` and `x > 1,000`. */
const LEFT_SIDES = /^(?:[^,=<>]*(?:=|[<>]=?|\\(?:[lg]e|[lg]t|ne)(?![A-Za-z])))+\s*/

/** `1,234,567` is one number, not a list; so it is as the right side of a relation. */
function isThousands(relation: string): boolean {
  const text = relation.replace(LEFT_SIDES, '')
  return /^[-+]?(?:\\?\$|[€£¥₹])?\s*\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])(?:\s*(?:\\?[%$]|[€£¥₹]|\\text\s*\{[^{}]*\}(?:\s*\^\s*\{?[23]\}?)?|[a-zA-Z ]+))?$/.test(
    text,
  )
}

/** Splits at a separator outside all brackets and braces. */
export function splitTop(text: string, separator: RegExp): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!
    if (depth === 0) {
      separator.lastIndex = at
      const match = separator.exec(text)
      if (match !== null) {
        parts.push(text.slice(start, at))
        start = at + match[0].length
        at = start - 1
        continue
      }
    }
    if (c === '\\' && (text[at + 1] === '{' || text[at + 1] === '}')) {
      depth += text[at + 1] === '{' ? 1 : -1
      at++
    } else if ('({['.includes(c)) depth++
    else if (')}]'.includes(c)) depth--
  }
  parts.push(text.slice(start))
  return parts.map(cleanAnswer)
}

function isBalanced(text: string): boolean {
  let depth = 0
  for (const c of text) {
    if ('({['.includes(c)) depth++
    else if (')}]'.includes(c) && --depth < 0) return false
  }
  return depth === 0
}

const SIGNS: Readonly<Record<string, string>> = {
  '=': '=',
  '<': '<',
  '>': '>',
  '\\lt': '<',
  '\\gt': '>',
  '\\le': '≤',
  '<=': '≤',
  '\\ge': '≥',
  '>=': '≥',
  '\\ne': '≠',
}

/** One relation; `1 < x \le 5` becomes the interval it says. */
function splitRelation(text: string): Structure | null {
  const pattern = /\\(?:le|ge|ne|lt|gt)(?![A-Za-z])|[<>]=?|=/g
  const signs = [...text.matchAll(pattern)]
  if (signs.length === 0 || signs.length > 2) return null
  const pieces: string[] = []
  let from = 0
  for (const sign of signs) {
    pieces.push(cleanAnswer(text.slice(from, sign.index)))
    from = sign.index + sign[0].length
  }
  pieces.push(cleanAnswer(text.slice(from)))
  if (pieces.includes('') || !pieces.every(isBalanced)) return null
  const [first, second] = signs.map(([sign]) => SIGNS[sign]!) as [string, string?]
  if (second === undefined) {
    const isName = /^[a-zA-Z]$/.test(pieces[0]!)
    const [left, right] = pieces as [string, string]
    if (isName && first === '<') return between('(', '-\\infty', right, ')')
    if (isName && first === '≤') return between('(', '-\\infty', right, ']')
    if (isName && first === '>') return between('(', right, '\\infty', ')')
    if (isName && first === '≥') return between('[', right, '\\infty', ')')
    return { kind: 'relation', left, sign: first, right }
  }
  if (!/^[a-zA-Z]$/.test(pieces[1]!)) {
    // A chain such as a = b = c says what its last part is.
    return first === '=' && second === '='
      ? { kind: 'relation', left: pieces[0]!, sign: '=', right: pieces[2]! }
      : null
  }
  const up = first === '<' || first === '≤'
  if (up !== (second === '<' || second === '≤') || first === '=' || second === '=') return null
  const [low, high] = up ? [pieces[0]!, pieces[2]!] : [pieces[2]!, pieces[0]!]
  const [lowSign, highSign] = up ? [first, second] : [second, first]
  return between(/[≤≥]/.test(lowSign) ? '[' : '(', low, high, /[≤≥]/.test(highSign) ? ']' : ')')
}

function between(open: string, low: string, high: string, close: string): Structure {
  return { kind: 'sequence', open, close, items: [low, high] }
}

/** Words that are units even right behind a number. */
const SHORT_UNITS = 'mm|cm|dm|m|km|in|ft|mi|g|kg|mg|s|sec|min|h|hr|ml|l|mph|kmh|m/s|km/h'
/** Words behind a number that belong to it; but 20 log cabins, third graders and half dollars are counted. */
const NO_UNITS =
  `${GREEK}|sqrt|arc(?:sin|cos|tan)h?|(?:sin|cos)h?|tanh|cot|csc|sec [a-z]$|ln|exp|` +
  String.raw`(?:tan|log)(?!\s(?!${GREEK})[a-zA-Z]{3})|` +
  'halves|(?:third|fourth|fifth|sixth|eighth|tenth|hundredth|thousandth)s|' +
  '(?:squared|cubed|factorial|half|third|fourth|fifth|sixth|eighth|tenth|hundredth|thousandth)(?=$| of| an? )'
const UNIT = new RegExp(
  String.raw`^(.*?(?:[\d)}]|(?<![A-Za-z\\])\\?pi)(?:\s*${FACTOR_WORD})*)\s*` +
    String.raw`(?:\\?\s*\\text\s*\{\s*([^{}]*?)\s*\}|(\\degree)|` +
    String.raw`\s(?!${FACTOR_WORD}|(?:[a-zA-Z /]*[ /])?(?:${NO_UNITS})(?![A-Za-z]))([a-zA-Z]{2,}[a-zA-Z /]*)|\s?(${SHORT_UNITS}))` +
    String.raw`(?:\s*\^\s*\{?([23])\}?)?$`,
  's',
)

const CURRENCIES: Readonly<Record<string, string>> = {
  $: 'dollar',
  '€': 'euro',
  '£': 'pound',
  '¥': 'yen',
  '₹': 'rupee',
}
/** $5, $5 million, $5 per hour, 5€ */
const MONEY = new RegExp(
  String.raw`^([-+]?)\s*(?:\\?([$€£¥₹]))?\s*([\d.,]+(?:\s*${FACTOR_WORD})*)` +
    String.raw`(?:\s*\\?([$€£¥₹])|(?:\s*(?:\\text\s*\{[^{}]*\}|[a-zA-Z ]+))?)$`,
)

/** A percentage, an amount of money, or a number with a unit. */
function measured(text: string): Structure | null {
  const percent = /^(.*[\d})])\s*(?:\\?%|\\text\s*\{\s*(?:percent|%)\s*\}|\s*percent)$/s.exec(text)
  if (percent !== null) return { kind: 'percent', value: cleanAnswer(percent[1]!) }
  const [, sign, before, amount, after] = MONEY.exec(text) ?? []
  const currency = CURRENCIES[before ?? after ?? '']
  if (currency !== undefined) return { kind: 'quantity', value: `${sign}${amount}`, unit: currency, text }
  if (!/^[-+\d\\(.$]/.test(text)) return null
  const [, value, inText, degree = '', words, short, power = ''] = UNIT.exec(text) ?? []
  if (value === undefined || !isBalanced(value)) return null
  const name = (inText ?? words ?? short ?? degree.slice(1)).toLowerCase().trim()
  const bare = words ?? short
  if (name === '') return null
  const quantity: Quantity = { kind: 'quantity', value: cleanAnswer(value), unit: `${name}${power}`, text }
  const either: Structure | null = hasVariables(value) ? null : { kind: 'plain', text, quantity }
  // Upright, the N of 20 N and the V of 20 V may be units without a list of them.
  if (inText?.length === 1 && !isUnit(inText)) return /[A-Z]/.test(inText) ? either : null
  if (bare === undefined || !isProduct(value, bare, power !== '')) return quantity
  const first = bare.split(/[ /]/)[0]!
  return /^\s/.test(text.slice(value.length)) && (isUnit(first) || mayBeUnit(first)) ? either : null
}

/** What a number may be written with; all other letters are factors. */
const IN_NUMBERS = new RegExp(String.raw`\\(?:frac|times|cdot)(?![A-Za-z])|${FACTOR_WORD}`, 'g')

/** Whether an expression has letters that stand for a number. */
export const hasVariables = (text: string): boolean =>
  /[A-Za-z]/.test(text.replace(IN_NUMBERS, '').replace(/\\?(?<![A-Za-z])(?:sqrt|pi)(?![A-Za-z])/g, ''))

/** Whether what stands behind a value multiplies it: `\pi r^2 h`, `\sqrt{2} s`, `4s^2`, `4 xy`. */
function isProduct(value: string, words: string, isPower: boolean): boolean {
  const all = words.split(/[ /]+/)
  if (all.some((word) => word.length > 2 && isUnit(word))) return false
  const first = all[0]!
  if (!isUnit(first)) return true
  const number = value.replace(IN_NUMBERS, '')
  if (first.length === 1) return /[A-Za-z]/.test(number) || (isPower && first !== 'm')
  return /[A-Za-z]/.test(number.replace(/\\[A-Za-z]+|pi/g, ''))
}
