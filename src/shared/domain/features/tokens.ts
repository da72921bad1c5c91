import { FNV_BASIS, hashText, hashUnit } from './hash.ts'

export const WORD = 0
export const NUMBER = 1
export const SYMBOL = 2

/** Tokens of one step in parallel arrays, reused from step to step. */
export interface Tokens {
  count: number
  kind: Uint8Array
  /** UTF-16 offsets of the token in the text. */
  start: Int32Array
  end: Int32Array
  /** Hash of the normalised token. */
  hash: Int32Array
  /** Value of a number; the character of a one-character symbol; 0 otherwise. */
  value: Float64Array
}

export function createTokens(): Tokens {
  return allocate(256)
}

function allocate(size: number): Tokens {
  return {
    count: 0,
    kind: new Uint8Array(size),
    start: new Int32Array(size),
    end: new Int32Array(size),
    hash: new Int32Array(size),
    value: new Float64Array(size),
  }
}

/**
 * Splits `[from, to)` of `text` (UTF-16 offsets) into words, numbers and symbols, into `tokens`.
 * ASCII case is folded; typographic quotes, minus, times and division signs, and their TeX commands,
 * become their ASCII forms; Markdown emphasis and TeX math delimiters are skipped.
 */
export function tokenize(text: string, from: number, to: number, tokens: Tokens): void {
  tokens.count = 0
  let at = from
  while (at < to) {
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code === 0xa0) at++
    else if (isLetter(code)) at = readWord(text, at, to, tokens)
    else if (code >= 0x30 && code <= 0x39) at = readNumber(text, at, to, tokens)
    else at = readSymbol(text, at, to, code, tokens)
  }
}

function readWord(text: string, start: number, to: number, tokens: Tokens): number {
  let hash = FNV_BASIS
  let at = start
  while (at < to) {
    const code = text.charCodeAt(at)
    if (isLetter(code)) hash = hashUnit(hash, fold(code))
    else if (isApostrophe(code) && at + 1 < to && isLetter(text.charCodeAt(at + 1)))
      hash = hashUnit(hash, 0x27)
    else break
    at++
  }
  push(tokens, WORD, start, at, hash, 0)
  return at
}

function readNumber(text: string, start: number, to: number, tokens: Tokens): number {
  let hash = FNV_BASIS
  let value = 0
  let scale = 0
  let at = start
  while (at < to) {
    const code = text.charCodeAt(at)
    if (isDigit(code)) {
      value = value * 10 + (code - 0x30)
      scale *= 10
      hash = hashUnit(hash, code)
    } else if (code === 0x2e && scale === 0 && at + 1 < to && isDigit(text.charCodeAt(at + 1))) {
      scale = 1
      hash = hashUnit(hash, code)
    } else if (!(code === 0x2c && scale === 0 && groupsThree(text, at, to))) break
    at++
  }
  push(tokens, NUMBER, start, at, hash, scale > 1 ? value / scale : value)
  return at
}

/** Whether exactly three digits follow the comma at `at`. */
function groupsThree(text: string, at: number, to: number): boolean {
  if (at + 3 >= to) return false
  for (let ahead = 1; ahead <= 3; ahead++) if (!isDigit(text.charCodeAt(at + ahead))) return false
  return at + 4 >= to || !isDigit(text.charCodeAt(at + 4))
}

function readSymbol(text: string, start: number, to: number, code: number, tokens: Tokens): number {
  if (code === 0x5c) return readCommand(text, start, to, tokens)
  if (code === 0x24) return start + 1
  if (code === 0x2a || code === 0x5f) {
    let at = start + 1
    while (at < to && text.charCodeAt(at) === code) at++
    if (code === 0x2a && at === start + 1) pushSymbol(tokens, start, at, code)
    return at
  }
  if (code >= 0xd800 && code < 0xdc00 && start + 1 < to) {
    const low = text.charCodeAt(start + 1)
    if (low >= 0xdc00 && low < 0xe000) {
      push(tokens, SYMBOL, start, start + 2, hashUnit(hashUnit(FNV_BASIS, code), low), 0)
      return start + 2
    }
  }
  pushSymbol(tokens, start, start + 1, asciiOf(code))
  return start + 1
}

const TEX_OPERATORS = new Map([
  [hashText('times'), 0x2a],
  [hashText('cdot'), 0x2a],
  [hashText('div'), 0x2f],
  [hashText('approx'), 0x2248],
  [hashText('neq'), 0x2260],
  [hashText('ne'), 0x2260],
])

/** A TeX command; one that only delimits or spaces is skipped. */
function readCommand(text: string, start: number, to: number, tokens: Tokens): number {
  let at = start + 1
  let hash = FNV_BASIS
  while (at < to && isAsciiLetter(text.charCodeAt(at))) hash = hashUnit(hash, fold(text.charCodeAt(at++)))
  if (at === start + 1) return Math.min(to, start + 2)
  const operator = TEX_OPERATORS.get(hash)
  if (operator === undefined) push(tokens, WORD, start, at, hash, 0)
  else pushSymbol(tokens, start, at, operator)
  return at
}

function pushSymbol(tokens: Tokens, start: number, end: number, code: number): void {
  push(tokens, SYMBOL, start, end, hashUnit(FNV_BASIS, code), code)
}

function push(tokens: Tokens, kind: number, start: number, end: number, hash: number, value: number): void {
  const at = tokens.count++
  if (at === tokens.kind.length) grow(tokens)
  tokens.kind[at] = kind
  tokens.start[at] = start
  tokens.end[at] = end
  tokens.hash[at] = hash
  tokens.value[at] = value
}

function grow(tokens: Tokens): void {
  const larger = allocate(tokens.kind.length * 2)
  larger.kind.set(tokens.kind)
  larger.start.set(tokens.start)
  larger.end.set(tokens.end)
  larger.hash.set(tokens.hash)
  larger.value.set(tokens.value)
  Object.assign(tokens, { ...larger, count: tokens.count })
}

/** ASCII form of a typographic or mathematical sign; other codes as they are. */
function asciiOf(code: number): number {
  switch (code) {
    case 0x2212:
    case 0x2013:
    case 0x2014:
      return 0x2d
    case 0xd7:
    case 0xb7:
    case 0x22c5:
      return 0x2a
    case 0xf7:
      return 0x2f
    case 0x2018:
    case 0x2019:
      return 0x27
    case 0x201c:
    case 0x201d:
      return 0x22
    default:
      return code
  }
}

/** Lower case of an ASCII letter; other codes as they are. */
function fold(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
}

function isAsciiLetter(code: number): boolean {
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

function isLetter(code: number): boolean {
  if (code < 0x80) return isAsciiLetter(code)
  if (code < 0x2000) return code >= 0xc0 && code !== 0xd7 && code !== 0xf7
  return code >= 0x3040 && code < 0xd800
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019
}
