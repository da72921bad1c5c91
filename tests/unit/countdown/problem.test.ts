import { describe, expect, it } from 'vitest'
import { countdownProblem } from '#shared/domain/countdown/problem.ts'

describe('countdownProblem', () => {
  it.each([
    ['Using the numbers [79, 17, 60], create an equation that equals 36.\nUse each number', [79, 17, 60], 36],
    ['Make 96 with the numbers [58, 84, 48, 62] using standard arithmetic operations.', [58, 84, 48, 62], 96],
    [
      'Combine these initial numbers [90, 11] using only arithmetic operations (+, -, *, /) to reach the target value 55. All',
      [90, 11],
      55,
    ],
    ['Calculate 237 using all of these numbers: 95, 98, 92.\nEach number', [95, 98, 92], 237],
    ['Find a way to make 24 using all of these numbers: 4, 6, and 1.', [4, 6, 1], 24],
    ['Using all the numbers 5, 7, 12, create an expression that equals 24.\nYou can', [5, 7, 12], 24],
  ])('reads %j', (prompt, numbers, target) => {
    expect(countdownProblem(prompt, {})).toEqual({ numbers, target })
  })

  it('takes the problem posed last, after worked examples', () => {
    const example = 'Using the numbers [1, 2], create an equation that equals 3.\n<answer>1 + 2</answer>\n'
    const prompt = example + 'Using the numbers [4, 5], create an equation that equals 9.'
    expect(countdownProblem(prompt, {})).toEqual({ numbers: [4, 5], target: 9 })
  })

  it.each([
    [{ numbers: [1, 2], target: 3 }],
    [{ nums: [1, 2], target: '3' }],
    [{ gts: { numbers: [1, 2], target: 3 } }],
    [{ ground_truth: { numbers: [1, 2], target: 3 } }],
    [{ ground_truth: '{"numbers": [1, 2], "target": 3}' }],
    [{ reward_model: { style: 'rule', ground_truth: { numbers: ['1', '2'], target: 3 } } }],
  ])('reads metadata %j, before the prompt', (metadata) => {
    const prompt = 'Make 9 with the numbers [4, 5]'
    expect(countdownProblem(prompt, metadata)).toEqual({ numbers: [1, 2], target: 3 })
  })

  it.each([
    ['How many positive whole-number divisors does 196 have?', {}],
    ['Using the numbers [5], create an equation that equals 5.', {}],
    ['', { numbers: [1, 'x'], target: 3 }],
    ['', { numbers: [1, 2], target: null }],
    ['', { numbers: 12, target: 3, gts: null, ground_truth: 'not json', reward_model: [] }],
  ])('finds none in %j %j', (prompt, metadata) => expect(countdownProblem(prompt, metadata)).toBeNull())
})
