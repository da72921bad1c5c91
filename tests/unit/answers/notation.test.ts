import { describe, expect, it } from 'vitest'
import { standardOutcome } from './outcome.ts'

const outcome = standardOutcome()

/** Pairs of answers in a box and references, each with what it comes to. */
const boxed = (pairs: readonly [string, string, string][]): void => {
  it.each(pairs)('%s against %s is %s', (answer, reference, expected) => {
    expect(outcome(`\\boxed{${answer}}`, reference)).toBe(expected)
  })
}

describe('words of two or three letters', () => {
  boxed([
    ['\\text{TFF}', '\\text{FTF}', 'incorrect'],
    ['BAC', '\\text{ABC}', 'incorrect'],
    ['No', '\\text{no}', 'correct'],
    ['$\\textbf{No}$', '\\mathrm{no}', 'correct'],
    ['\\text{No.}', 'no\\text{}', 'correct'],
    ['\\text{AB or CD}', '\\text{CD}, \\text{AB}', 'correct'],
    ['x = No', '\\text{No}', 'correct'],
  ])

  it('are what they are in a sentence, and prose is left open', () => {
    expect(outcome('The answer is on.', '\\text{no}')).toBe('incorrect')
    expect(outcome('The answer is yes it does hold everywhere here.', '\\text{yes}')).toBe('unknown')
  })
})

describe('exponents of several characters', () => {
  it.each([
    ['2^10', '1024', 'correct'],
    ['2**10', '1024', 'correct'],
    ['x^10', '0', 'incorrect'],
    ['x^10', 'x^{10}', 'correct'],
    ['10^-3', '0.001', 'correct'],
    ['3 × 10^12', '3000000000000', 'correct'],
    ['x^2.5', 'x^{5/2}', 'correct'],
    ['2^3x', '8x', 'correct'],
    ['\\frac{2^10}{1}', '1024', 'incorrect'],
  ])('%s against %s is %s', (answer, reference, expected) => {
    expect(outcome(`<answer>${answer}</answer>`, reference)).toBe(expected)
  })
})

describe('names on the left', () => {
  boxed([
    ['AB = 5', '5', 'correct'],
    ['5', 'AB = 5', 'correct'],
    ['5', '\\overline{AB} = 5', 'correct'],
    ['30', 'm\\angle ABC = 30^\\circ', 'correct'],
    ['12', '\\text{Area of }ABC = 12', 'correct'],
    ['2x', "f'(x) = 2x", 'correct'],
    ['\\frac{x-1}{2}', 'f^{-1}(x) = \\frac{x-1}{2}', 'correct'],
    ['5', 'f(2) = 5', 'correct'],
    ['0.5', 'P(A|B) = \\frac12', 'correct'],
    ['2x', '\\frac{dy}{dx} = 2x', 'correct'],
    ['(1,2)', '(x,y) = (1,2)', 'correct'],
    ['6', 'AB = 5', 'incorrect'],
    ['6', 'x(x+1) = 6', 'incorrect'],
  ])
})

describe('what a marked equation comes to', () => {
  boxed([
    ['a+b = 10', '10', 'correct'],
    ['x_1 + x_2 = 1,000', '1000', 'correct'],
    ['2+3 = 5', '5', 'correct'],
    ['12 + 5 = 17 \\text{ apples}', '17', 'correct'],
    ['a+b = 11', '10', 'incorrect'],
    // Equations are no values, and a value is no equation.
    ['2x = 10', '10', 'incorrect'],
    ['2x+3 = 0', '0', 'incorrect'],
    ['x^2+y^2 = 25', '25', 'incorrect'],
    ['10', 'a+b = 10', 'incorrect'],
    ['x = 1, y = 2', '2', 'incorrect'],
  ])
})

describe('thousands beside other separators', () => {
  boxed([
    ['x = 1,000', '1000', 'correct'],
    ['x > 1,000', 'x > 1000', 'correct'],
    ['x = \\$1,200', '1200', 'correct'],
    ['V = 1,200\\text{ cm}^3', '1200', 'correct'],
    ['1,000, 2,000', '1000, 2000', 'correct'],
    ['1,000; 2,000', '2000; 1000', 'correct'],
    ['1,000\\text{ and }2,000', '1000, 2000', 'correct'],
    ['1, 2, \\text{ and } \\frac12', '1, 2, 0.5', 'correct'],
    ['x = 1,000 or x = 2,000', '1000, 2000', 'correct'],
    ['x = 1, y = 2,000', 'x = 1, y = 2000', 'correct'],
    ['(1,000, 2,000)', '(1000, 2000)', 'correct'],
    ['\\{1,000, 2,000\\}', '\\{2000, 1000\\}', 'correct'],
    // Without another separator the commas are what they were.
    ['100,200', '100200', 'correct'],
    ['(100,200)', '(100, 200)', 'correct'],
    ['(100,200), (300,400)', '(300,400),(100,200)', 'correct'],
    ['1,2, 300', '300, 1, 2', 'correct'],
    ['x = 1,2', '1, 2', 'correct'],
  ])
})

describe('numbers in a base', () => {
  boxed([
    ['4210_5', '4210_{5}', 'correct'],
    ['1A3_16', '1A3_{16}', 'correct'],
    ['1A_{16}', '1A_16', 'correct'],
    ['25_8', '25_9', 'incorrect'],
    ['26_8', '25_{8}', 'incorrect'],
  ])
})

describe('roots of negative numbers', () => {
  boxed([
    ['\\sqrt{-4}', '2i', 'correct'],
    ['\\sqrt{-4}', '-2i', 'incorrect'],
    ['\\frac{-1+\\sqrt{-3}}{2}', '\\frac{-1+i\\sqrt{3}}{2}', 'correct'],
    ['x^{1/3}', '\\sqrt[3]{x}', 'correct'],
    ['x^{1/3}', '-\\sqrt[3]{x}', 'incorrect'],
    ['2ab\\sqrt[3]{2b}', '2ab(2b)^{1/3}', 'correct'],
    ['36\\sqrt{35x^3}', '36x\\sqrt{35x}', 'correct'],
    ['abc^{1/3} + d', 'd + ab\\sqrt[3]{c}', 'correct'],
    ['y = x^{1/3} + 1', 'y - 1 = \\sqrt[3]{x}', 'correct'],
    ['\\sqrt{x^2}', 'x', 'incorrect'],
    ['10-\\sqrt{x-6}', '-\\sqrt{x-6}+10', 'correct'],
    ['C+\\ln(x-5)', '\\ln(x-5)+C', 'correct'],
    ['3+\\log_2(x-8)', '\\log_2(x-8)+3', 'correct'],
    ['\\sqrt{x-10}', '-\\sqrt{x-10}', 'incorrect'],
    ['\\sqrt{x-10}', '\\sqrt{10-x}', 'incorrect'],
    ['x + \\sqrt{-1}', 'x - i', 'incorrect'],
    ['x^{-\\frac{2}{3}}', '\\frac{1}{\\sqrt[3]{x^2}}', 'correct'],
  ])
})

describe('expressions of which only one is real', () => {
  boxed([
    ['\\ln x + C', '\\ln|x| + C', 'incorrect'],
    ['\\ln(x^2)', '2\\ln x', 'incorrect'],
    ['\\ln(x^2-1)', '\\ln(x-1)+\\ln(x+1)', 'incorrect'],
    ['x^{1/2}', '\\sqrt{|x|}', 'incorrect'],
    ['\\sqrt[4]{x^2}', '\\sqrt{x}', 'incorrect'],
    ['x|x|^{1/2}', 'x^{3/2}', 'incorrect'],
    // An odd root of a number is the same in every reading.
    ['\\sqrt[3]{2}\\ln x', '\\sqrt[3]{2}\\ln|x|', 'incorrect'],
  ])
})
