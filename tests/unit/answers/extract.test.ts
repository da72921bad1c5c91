import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choicesOf, letterOf } from '#shared/domain/answers/choices.ts'
import { extractAnswer } from '#shared/domain/answers/index.ts'

describe('extraction', () => {
  it.each([
    ['the last box, with nested braces', 'so \\boxed{\\frac{1}{2}} and \\boxed{x^{2}}.', 'x^{2}', 'boxed'],
    ['a box with escaped braces', '\\boxed{\\{1, 2\\}}', '\\{1, 2\\}', 'boxed'],
    ['a box without braces', 'thus \\boxed 5', '5', 'boxed'],
    ['a box in a box', '\\boxed{a \\boxed{7}}', '7', 'boxed'],
    ['no box that never closes', 'we get 12 and \\boxed{3', '3', 'last_number'],
    [
      'the tag after a box in the thought',
      '<think>\\boxed{1}</think>\n<answer>2</answer>',
      '2',
      'answer_tag',
    ],
    ['the box inside the tag', '<answer> \\boxed{2000} </answer>', '2000', 'boxed'],
    ['the last of two tags', '<answer>1</answer> no: <answer>\n2\n</answer>', '2', 'answer_tag'],
    ['GSM8K hashes', 'sum is 5\n#### 1,234', '1,234', 'hashes'],
    ['no numbered heading', '#### 2. Solve for x\nThe answer is 42.', '42', 'stated'],
    ['no numbered heading in bold', '#### 1) **Add**\nwe get 7', '7', 'last_number'],
    ['hashes before a number of things', 'so\n#### 12 apples', '12 apples', 'hashes'],
    ['what bold closes behind', '**Answer: 3/2**', '3/2', 'stated'],
    ['what bold closes behind a stop', '**The answer is 5.** I checked 6.', '5', 'stated'],
    ['what bold closes behind, with a reason', '**Answer: 5** because 2 + 3 = 5.', '5', 'stated'],
    ['a power in Python', 'The answer is 2**3.', '2**3', 'stated'],
    ['what is stated, not the reason', 'So the answer is 42, as expected.', '42', 'stated'],
    ['what is stated, not the sum', 'The answer is 5 because 2 + 3 = 5.', '5', 'stated'],
    ['a list as it is stated', 'The answer is 2, 3 and 5.', '2, 3 and 5', 'stated'],
    ['no heading of the fourth level', '#### Step 2\nwe get 7', '7', 'last_number'],
    ['what is stated', 'The answer is $5$. I checked 6.', '5', 'stated'],
    ['what is stated in bold', 'Thus the final answer is **12 apples**.', '12 apples', 'stated'],
    ['what is stated behind a bullet', 'Answer:\n* 5', '5', 'stated'],
    ['a stated decimal', 'The answer is 3.5. Done', '3.5', 'stated'],
    [
      'the last formula of the last paragraph',
      'Let \\(a = 1\\).\n\nSo it is \\((3, \\pi)\\).',
      '(3, \\pi)',
      'last_formula',
    ],
    ['the right side of the last formula', 'Hence $r = 2 + 3 = 5$.', '5', 'last_formula'],
    ['the last number', 'first 12, then 13 in all', '13', 'last_number'],
  ])('takes %s', (_, response, text, method) => {
    expect(extractAnswer(response)).toEqual({ text, method })
  })

  it('finds none where there is none', () => {
    expect(extractAnswer('I do not know.')).toBeNull()
    expect(extractAnswer('')).toBeNull()
  })

  it('finds any answer put into a box, wherever it stands', () => {
    const word = fc.constantFrom('x', '{y}', '\\frac{1}{2}', '\\{', '\\}', ' ', '1', '^{2}', '+')
    const noise = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\\<#]/g, ''))
    fc.assert(
      fc.property(noise, fc.array(word, { minLength: 1, maxLength: 8 }), noise, (before, parts, after) => {
        const answer = parts.join('').trim()
        fc.pre(answer !== '')
        expect(extractAnswer(`${before}\\boxed{${answer}}${after}`)).toEqual({
          text: answer,
          method: 'boxed',
        })
      }),
    )
  })

  it('is linear', () => {
    const started = performance.now()
    for (const piece of [
      '\\boxed{',
      '<answer>',
      '####',
      'the answer is ',
      '$a',
      '\\(',
      '1,000',
      '**',
      '\n \n',
    ])
      extractAnswer(piece.repeat(100_000))
    expect(performance.now() - started).toBeLessThan(4000)
  })
})

describe('choices', () => {
  it('reads the options of a prompt', () => {
    expect([...choicesOf('Which?\nA) 3\nB) 4\nC) 5')]).toEqual([
      ['A', '3'],
      ['B', '4'],
      ['C', '5'],
    ])
    expect([...choicesOf('Pick one: (A) red (B) green').keys()]).toEqual(['A', 'B'])
    expect(choicesOf('Point A. Then B lies on AC.').size).toBe(0)
    expect(choicesOf('How many?').size).toBe(0)
  })

  it.each([
    ['B', 'B'],
    ['(b)', 'B'],
    ['\\text{C}', 'C'],
    ['Option D.', 'D'],
    ['AB', null],
    ['5', null],
    ['K', null],
  ])('letter of %s', (text, letter) => expect(letterOf(text)).toBe(letter))
})
