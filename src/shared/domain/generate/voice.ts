import { valueOf, type Combination, type Expr, type Op } from './arithmetic.ts'
import type { Random } from './random.ts'

/** How one trace is written: notation, layout and temper. Drawn once for each trace. */
export interface Voice {
  /** Sentences in paragraphs, or one a line. */
  readonly layout: 'prose' | 'lines'
  /** Share of optional sentences that are written: 0 terse, 1 talkative. */
  readonly talk: number
  /** Marks a success; may be empty. */
  readonly tick: string
  readonly arrow: string
  number(value: number): string
  /** `a op b = c`. */
  equation(combination: Combination): string
  /** `a op b`. */
  operation(combination: Combination): string
  /** A whole expression of given numbers, set as a formula. */
  formula(expr: Expr): string
  /** A formula followed by `= value`, whether or not that is true. */
  claim(expr: Expr, value: number): string
  /** Equal expressions, one after another: `(52 + 25) − 51 = 77 − 51 = 26`. */
  chain(parts: readonly Expr[]): string
  /** The expression with its innermost operations carried out, as `= …`; null once it is a number. */
  reduced(expr: Expr): Expr | null
  list(values: readonly number[]): string
}

interface Notation {
  op: Record<Op, string>
  minus: string
  tight: boolean
  open: string
  close: string
}

const NOTATIONS: readonly (Pick<Notation, 'op' | 'minus'> & { latex?: true })[] = [
  { op: { '+': '+', '-': '-', '*': '*', '/': '/' }, minus: '-' },
  { op: { '+': '+', '-': '-', '*': '*', '/': '/' }, minus: '-' },
  { op: { '+': '+', '-': '-', '*': '×', '/': '/' }, minus: '-' },
  { op: { '+': '+', '-': '-', '*': '×', '/': '÷' }, minus: '-' },
  { op: { '+': '+', '-': '−', '*': '×', '/': '÷' }, minus: '−' },
  { op: { '+': '+', '-': '−', '*': '·', '/': '/' }, minus: '−' },
  { op: { '+': '+', '-': '–', '*': '×', '/': '÷' }, minus: '–' },
  { op: { '+': '+', '-': '-', '*': '\\times', '/': '\\div' }, minus: '-', latex: true },
  { op: { '+': '+', '-': '-', '*': '\\cdot', '/': '/' }, minus: '-', latex: true },
]

/** Draws a voice. */
export function createVoice(random: Random): Voice {
  const base = random.pick(NOTATIONS)
  const [open, close] = base.latex
    ? random.pick([['\\(', '\\)'] as const, ['$', '$'] as const])
    : random.weighted([['', ''] as const, ['**', '**'] as const, ['`', '`'] as const], ([mark]) =>
        mark === '' ? 7 : mark === '**' ? 2 : 0.4,
      )
  const notation: Notation = { ...base, tight: !base.latex && random.chance(0.15), open, close }
  const full = random.chance(0.6)
  const and = random.pick([' and ', ', and ', ', '])
  const bracketed = random.chance(0.25)
  const number = (value: number): string => (value < 0 ? `${notation.minus}${-value}` : String(value))
  const operand = (value: number): string => (value < 0 ? `(${number(value)})` : String(value))
  const join = (left: string, op: Op, right: string): string =>
    notation.tight ? `${left}${notation.op[op]}${right}` : `${left} ${notation.op[op]} ${right}`
  const equals = notation.tight ? '=' : ' = '
  const set = (text: string): string => `${notation.open}${text}${notation.close}`
  const write = (expr: Expr, side: 'top' | 'left' | 'right', above: Op | null): string => {
    if (typeof expr === 'number') return side === 'top' ? number(expr) : operand(expr)
    const text = join(write(expr.left, 'left', expr.op), expr.op, write(expr.right, 'right', expr.op))
    return needsParentheses(expr.op, side, above, full) ? `(${text})` : text
  }
  const operation = ({ op, a, b }: Combination): string => join(number(a.value), op, operand(b.value))
  return {
    layout: random.chance(0.55) ? 'prose' : 'lines',
    talk: random.pick([0.1, 0.3, 0.5, 0.7, 0.9]),
    tick: random.weighted(['✅', '✓', '✔', ''], (tick) => (tick === '' ? 3 : 1)),
    arrow: random.pick(['→', '→', '->', '=>', '⇒', '—']),
    number,
    operation: (combination) => set(operation(combination)),
    equation: (combination) => set(`${operation(combination)}${equals}${number(combination.result.value)}`),
    formula: (expr) => set(write(expr, 'top', null)),
    claim: (expr, value) => set(`${write(expr, 'top', null)}${equals}${number(value)}`),
    chain: (parts) => set(parts.map((part) => write(part, 'top', null)).join(equals)),
    reduced: reduceOnce,
    list(values) {
      if (bracketed) return `[${values.join(', ')}]`
      const texts = values.map(number)
      if (texts.length < 2) return texts.join('')
      return `${texts.slice(0, -1).join(', ')}${texts.length === 2 ? ' and ' : and}${texts.at(-1)!}`
    },
  }
}

function needsParentheses(op: Op, side: 'top' | 'left' | 'right', above: Op | null, full: boolean): boolean {
  if (side === 'top' || above === null) return false
  if (full) return true
  const low = op === '+' || op === '-'
  if (above === '+') return false
  if (above === '-') return side === 'right' && low
  if (above === '*') return low || (side === 'right' && op === '/')
  return low || side === 'right'
}

/** Every operation on two plain numbers carried out. */
function reduceOnce(expr: Expr): Expr | null {
  if (typeof expr === 'number') return null
  const { left, right } = expr
  if (typeof left === 'number' && typeof right === 'number') return valueOf(expr)
  return { op: expr.op, left: reduceOnce(left) ?? left, right: reduceOnce(right) ?? right }
}

/** An expression in plain ASCII, as a checker reads it. */
export function toAscii(expr: Expr, full: boolean): string {
  const write = (part: Expr, side: 'top' | 'left' | 'right', above: Op | null): string => {
    if (typeof part === 'number') return String(part)
    const text = `${write(part.left, 'left', part.op)} ${part.op} ${write(part.right, 'right', part.op)}`
    return needsParentheses(part.op, side, above, full) ? `(${text})` : text
  }
  return write(expr, 'top', null)
}
