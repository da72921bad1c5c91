import { describe, expect, it } from 'vitest'
import { standardOutcome } from './outcome.ts'

const outcome = standardOutcome()

describe('a sentence that says more than one value', () => {
  it.each([
    ['The answer is n >= 5.', '5', 'unknown'],
    ['The answer is x <= 5.', '5', 'unknown'],
    ['The answer is $x \\leq y = 5$.', '5', 'unknown'],
    ['The answer is x != 5.', '5', 'unknown'],
    ['The answer is f(x)!=5.', '5', 'unknown'],
    ['The answer is 5!=120.', '120', 'correct'],
    ['The answer is 5! = 120.', '120', 'correct'],
    ['The answer is 5! = $120$.', '120', 'correct'],
    ['The answer is 3! + 2! = 8. Done.', '8', 'correct'],
    ['The answer is 120! That was easy.', '120', 'correct'],
    ['The answer is 42! *(rounded)*', '42', 'correct'],
    ['The answer is 42! - 3 more than 39.', '42', 'correct'],
    ['Answer: **- Yes**', 'Yes', 'correct'],
    ['The answer is **- 5**', '5', 'incorrect'],
    ['The answer is x = 3, y = 5.', '5', 'unknown'],
    ['The answer is x = -1 or x = 4.', '4', 'unknown'],
    ['The answer is a=1, b=2, c=3.', '3', 'unknown'],
    ['The answer is 4, so 4 + 1 = 5.', '5', 'unknown'],
    ['The answer is 4, so the total = 6.', '6', 'unknown'],
    ['The answer is 4 so the total = 6.', '6', 'unknown'],
    ['The answer is x = 5 (and y = 6).', '6)', 'unknown'],
    ['The answer is 4, leaving 10 - 4 = 6.', '4', 'unknown'],
    ['The answer is 12 + 5 = 17 apples.', '17', 'correct'],
    ['The answer is 12 + 5 = 17 apples.', '18', 'incorrect'],
    ['The answer is 1,200 + 5 = 1,205 (see above).', '1205', 'correct'],
  ])('%s against %s is %s', (response, reference, expected) => {
    expect(outcome(response, reference)).toBe(expected)
  })
})

describe('words behind a number', () => {
  it.each([
    ['#### 5 DVDs', '5'],
    ['The answer is 5 TVs.', '5'],
    ['\\boxed{5 CDs}', '5'],
    ['\\boxed{5 PCs}', '5'],
    ['\\boxed{5 TV}', '5'],
    ...'yrs yr wks pts qts tsp tbsp pcs pkg pkgs ppl dB bpm kgs dvds'
      .split(' ')
      .map((unit) => [`#### 20 ${unit}`, '20']),
    ['#### 20 third graders', '20'],
    ['#### 20 half dollars', '20'],
    ['#### 5 log cabins', '5'],
    ...['\\text{ N}', '\\mathrm{~J}', '\\mathrm{~V}', '\\mathrm{~W}', '\\mathrm{~K}'].map((unit) => [
      `\\boxed{20${unit}}`,
      '20',
    ]),
    ['\\boxed{5\\sqrt{3} m}', '5\\sqrt3'],
    ['\\boxed{5\\sqrt{3} h}', '5\\sqrt3'],
    ['\\boxed{\\frac{3\\pi}{4} m}', '\\frac{3\\pi}{4}'],
    ['\\boxed{12 s^2}', '12'],
    ['\\boxed{5 DVDs}', '5 dvds'],
    ['\\boxed{5 DVDs}', '5\\text{ DVDs}'],
    ['\\boxed{5 yr}', '5 years'],
    ['\\boxed{5 mgh}', '5hgm'],
    ['\\boxed{2\\text{A}}', '2A'],
  ] as [string, string][])('%s is %s', (response, reference) => {
    expect(outcome(response, reference)).toBe('correct')
  })

  it.each([
    ['5 DVDs', '4'],
    ['5 DVDs', '5 CDs'],
    ['5 DVDs', '5 apples'],
    ['5 DVDs', '5\\%'],
    ['5\\sqrt{3} m', '5'],
    ['5\\sqrt{3} m', '5\\sqrt{3} h'],
    ['4 xy', '4'],
    ['4 xyz', '4'],
    ['4 AB', '4'],
    ['2 mgh', '2'],
    ['3 cd', '3'],
    ['2 tv', '2'],
    ['3 pc', '3'],
    ['4s^2', '4'],
    ['\\pi r^2 h', '\\pi r^2'],
    ['2x', '2'],
    ['20\\text{ N}', '20\\text{ J}'],
    ['20\\text{ N}', '20 apples'],
    ['2b\\text{A}', '2b'],
    ['5 pi meters', '5'],
    ['5 pi r', '5'],
    ['2 sin x', '2'],
    ['2 log x', '2'],
    ['2 log theta', '2'],
    ['5 million', '5'],
    ['5 squared', '5'],
    ['2 thirds', '2'],
    ['2 thirds of a cup', '2'],
    ['1 third of them', '1'],
  ])('%s is not %s, either way', (a, b) => {
    expect(outcome(`\\boxed{${a}}`, b)).toBe('incorrect')
    expect(outcome(`\\boxed{${b}}`, a)).toBe('incorrect')
  })
})

describe('signs between words', () => {
  it.each([
    ['#### Yes', 'Yes'],
    ['# Yes', 'Yes'],
    ['- Yes', 'Yes'],
    ['Answer: → Yes', 'Yes'],
    ['The answer is: - Paris', 'Paris'],
    ['> Paris', 'Paris'],
    ['* paris', 'Paris'],
    ['<answer>- Paris</answer>', 'Paris'],
    ['✓ True', 'True'],
    ['✔ True', 'True'],
    ['✔️ True', 'True'],
    ['\\boxed{Paris (France)}', 'Paris, France'],
    ['\\boxed{(a) and (b)}', 'a and b'],
    ['\\boxed{\\text{(A) and (C)}}', 'A and C'],
    ['\\boxed{Red: 5, Blue: 3}', 'Red 5, Blue 3'],
    ['\\boxed{Row 2: Seat 5}', 'Row 2, Seat 5'],
    ['\\boxed{5-sided}', '5 sided'],
    ['\\boxed{1 : 2}', '1:2'],
    ['\\boxed{a : b}', 'a:b'],
  ])('%s is %s', (response, reference) => {
    expect(outcome(response, reference)).toBe('correct')
  })

  it.each([
    ['- f(2)', 'f(2)'],
    ['- ln(f(2))', 'ln(f(2))'],
    ['> 5', '5'],
    ['1: 2', '1 2'],
    ['f(x)', 'f x'],
    ['2-sin(f(2))', '2 sin(f(2))'],
    ['5-abcd', '5 abcd'],
    ['5-theta', '5 theta'],
    ['- infinity', 'infinity'],
    ['- pi', 'pi'],
    ['- xy', 'xy'],
    ['- sin x', 'sin x'],
    ['- Paris', 'Paris'],
    ['> zero', 'zero'],
    ['B-', 'B'],
  ])('%s is not %s', (a, b) => {
    expect(outcome(`\\boxed{${a}}`, b)).toBe('incorrect')
    expect(outcome(`\\boxed{${b}}`, a)).toBe('incorrect')
  })
})

describe('a sign before words, in prose', () => {
  it.each([
    ['The answer is - infinity.', 'infinity'],
    ['The answer is - AB.', 'AB'],
    ['<answer>- pi</answer>', 'pi'],
    ['> zero', 'zero'],
  ])('%s is not %s', (response, reference) => {
    expect(outcome(response, reference)).toBe('incorrect')
  })
})

describe('chosen options', () => {
  it.each([
    ['The answer is A (3) and C (5).', 'no_answer'],
    ['The answer is A (3), C (5).', 'no_answer'],
    ['The answer is A, 3, or C, 5.', 'no_answer'],
    ['The answer is A (3) and option C.', 'no_answer'],
    ['The answer is A, not B.', 'correct'],
    ['\\boxed{A, not B or C}', 'correct'],
    ['The answer is A (3), an odd number.', 'correct'],
    ['The answer is A, 3.', 'correct'],
  ])('%s is %s', (response, expected) => {
    expect(outcome(response, 'A', 'Which?\nA) 3\nB) 4\nC) 5\nD) 6')).toBe(expected)
  })
})
