import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { problemFlags, type ProblemFilter } from '#shared/domain/problems/index.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'

const flags = (prompt: string, reference: string | null = null): ProblemFilter[] =>
  problemFlags(prompt, reference).map(({ filter }) => filter)

describe('problem filters', () => {
  it.each<[ProblemFilter, string, string | null]>([
    ['multiple_choice', 'What is 2+2?\nA) 3\nB) 4\nC) 5', 'B'],
    ['multiple_choice', 'Which of the following is prime?', '7'],
    ['multiple_choice', 'The value is $\\textbf{(A) } 3 \\textbf{(B) } 4 \\textbf{(C) } 5$', 'A'],
    ['yes_no', 'Is 91 a prime number?', null],
    ['yes_no', 'Let $n$ be odd. Determine whether $n^2$ is odd.', null],
    ['yes_no', 'Consider the series. Does it converge?', 'Yes.'],
    ['yes_no', 'True or false: every square is a rectangle.', 'True'],
    ['proof', 'Prove that $\\sqrt{2}$ is irrational.', null],
    ['proof', 'Let $n$ be even; show that $n^2$ is even.', null],
    ['multi_part', 'Consider $f$.\n(a) Find its zeros.\n(b) Find its maximum.', '(a) 1 (b) 2'],
    ['multi_part', 'Part A: find x.\nPart B: find y.', null],
    ['multi_part', 'How many cats are there? How many dogs are there?', '3 cats and 4 dogs'],
    ['not_closed_form', 'What is the population?', '\\approx 3.2'],
    ['not_closed_form', 'What follows?', 'the sequence grows without any bound'],
    ['not_closed_form', 'Expand it.', '1 + x + x^2 + \\ldots'],
    ['no_unique_answer', 'Give an example of a prime above 100.', '101'],
    ['no_unique_answer', 'Explain why the sky is blue.', null],
    ['no_unique_answer', 'Write a number.', 'Answers may vary'],
  ])('%s: %s', (filter, prompt, reference) => {
    expect(flags(prompt, reference)).toContain(filter)
  })

  it.each([
    ['How many vertical asymptotes does the graph of $y=\\frac{2}{x^3-x}$ have?', '3'],
    ['Is it true? No: find the number of primes below 10.', '4'],
    ['On a TV show that she likes, 5 guests sang. How many songs were there?', '12'],
    ['In triangle ABC, AB = 3. Find the area.', '6'],
    ['They could not find any of the 4 keys. How many are left?', '2'],
    ['Who ran fastest?', '\\text{Evelyn}'],
    ['How wide is it?', '12\\text{ square feet}'],
    ['Using the numbers [3, 4, 5], create an equation that equals 12.', null],
  ])('lets pass: %s', (prompt, reference) => {
    expect(flags(prompt, reference)).toEqual([])
  })

  it('gives the words that tell', () => {
    expect(problemFlags('Let n be even. Prove that n + 2 is even.', null)).toEqual([
      { filter: 'proof', reason: '"Prove that"' },
    ])
    expect(problemFlags('2+2?\nA) 3\nB) 4\nC) 5', 'B')).toEqual([
      { filter: 'multiple_choice', reason: 'offers the options A, B, C' },
    ])
  })

  it.skipIf(!hasSharedData)(
    'passes the word problems of GSM8K, and knows multiple choice when it sees it',
    () => {
      const gsm8k = readFileSync(
        join(SHARED_DATA, 'traces/reasoning-gym/qwen2.5-3b-instruct_gsm8k.jsonl'),
        'utf8',
      )
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { question: string; gt: string })
      expect(gsm8k.filter(({ question, gt }) => flags(question, gt).length > 0)).toHaveLength(0)
      const choice = Object.values(
        JSON.parse(readFileSync(join(SHARED_DATA, 'step-labels/mr-ben_math.json'), 'utf8')) as Record<
          string,
          { Question: string; Options: string; Ground_Truth_Answer: string }[]
        >,
      ).flat()
      const missed = choice.filter(
        (row) =>
          !flags(`${row.Question}\n${row.Options}`, row.Ground_Truth_Answer).includes('multiple_choice'),
      )
      expect(missed).toHaveLength(0)
    },
  )
})
