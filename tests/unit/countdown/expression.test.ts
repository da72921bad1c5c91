import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate, parseExpression, type Expression } from '#shared/domain/countdown/expression.ts'
import { isWithin, parseDecimal, rational, toNumber } from '#shared/domain/countdown/rational.ts'

function valueOf(text: string): number | null | undefined {
  const expression = parseExpression(text)
  if (expression === null) return undefined
  const value = evaluate(expression)
  return value && toNumber(value)
}

describe('parseExpression', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['8 - 3 - 2', 3],
    ['64 / 4 / 2', 8],
    ['-3 + -(2 - 5)', 0],
    ['2 * -3', -6],
    ['5 --+- 3', 2],
    ['.5 + 2. + 1.25', 3.75],
    ['07.5', 7.5],
    ['00', 0],
    ['8 / (3 - 8 / 3)', 24],
    ['0.1 + 0.2 - 0.3', 0],
    ['1 / (3 - 3)', null],
  ])('%s = %s', (text, expected) => expect(valueOf(text)).toBe(expected))

  it.each([
    '',
    '()',
    '1 +',
    '* 2',
    '1 2',
    '2(3)',
    '(1)(2)',
    '1.2.3',
    '.',
    '07',
    '2 ** 3',
    '7 // 2',
    '(1',
    '1)',
    '1 + x',
    '1\u00a0+ 2',
    '1e3',
  ])('refuses %j', (text) => expect(valueOf(text)).toBeUndefined())

  it('bounds nesting and length, whatever the text', () => {
    expect(valueOf('('.repeat(200) + '1' + ')'.repeat(200))).toBe(1)
    expect(valueOf('('.repeat(201) + '1' + ')'.repeat(201))).toBeUndefined()
    expect(valueOf('('.repeat(1e6))).toBeUndefined()
    expect(valueOf('1+'.repeat(2047) + '1')).toBe(2048)
    expect(valueOf('1+'.repeat(1e6) + '1')).toBeUndefined()
    expect(valueOf('-'.repeat(4095) + '1')).toBe(-1)
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123.+-*/() ') }), (text) => void valueOf(text)),
    )
  })

  it('reads back what was printed, with the same exact value', () => {
    const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 5 },
        fc.nat(100).map((n): Expression => ({ kind: 'number', value: rational(BigInt(n), 1n)! })),
        tie('expression').map((operand): Expression => ({ kind: 'negate', operand })),
        fc
          .tuple(fc.constantFrom('+', '-', '*', '/'), tie('expression'), tie('expression'))
          .map(([op, left, right]): Expression => ({ kind: 'operation', op, left, right })),
      ),
    }))
    fc.assert(
      fc.property(expression, (tree) => {
        const parsed = parseExpression(print(tree))
        expect(parsed && evaluate(parsed)).toEqual(evaluate(tree))
      }),
    )
  })
})

function print(tree: Expression): string {
  if (tree.kind === 'number') return String(tree.value.numerator)
  if (tree.kind === 'negate') return `-(${print(tree.operand)})`
  return `(${print(tree.left)} ${tree.op} ${print(tree.right)})`
}

describe('rationals', () => {
  it('decide a tolerance exactly at its edge', () => {
    const tolerance = rational(1n, 100_000n)!
    const target = parseDecimal('24')!
    expect(isWithin(parseDecimal('24.00001')!, target, tolerance)).toBe(false)
    expect(isWithin(parseDecimal('24.00000999999999999999999')!, target, tolerance)).toBe(true)
    expect(isWithin(parseDecimal('23.99999')!, target, tolerance)).toBe(false)
  })

  it('hold every double exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e200, max: 1e200 }), (number) => {
        const value = parseDecimal(String(number))!
        expect(Math.abs(toNumber(value) - number)).toBeLessThanOrEqual(
          Math.abs(number) * Number.EPSILON + Number.MIN_VALUE,
        )
      }),
    )
  })

  it('refuse text that is no decimal', () => {
    for (const text of ['', '-', '.', '1.2.3', 'NaN', 'Infinity', '1e', '٣'])
      expect(parseDecimal(text)).toBeNull()
  })
})
