import { describe, expect, it } from 'vitest'
import { createSurvey } from '#shared/domain/problems/index.ts'

const posed = (prompt: string, correct: boolean | null = null, name = prompt.slice(0, 8)) => ({
  ...{ name, prompt, correct },
  reference: '7',
})
const LONG =
  'A farmer has 12 sheep and 7 goats in a field beside the river, and sells 5 of them all to a neighbour. How many animals are left?'

describe('a survey of problems', () => {
  it('counts a problem once with its samples, and keeps the order', () => {
    const survey = createSurvey()
    for (const correct of [true, false, null]) survey.add(posed('What is 3 + 4?', correct))
    survey.add(posed('What is 9 − 2?'))
    expect([...survey.results()]).toMatchObject([
      { prompt: 'What is 3 + 4?', samples: 3, judged: 2, solved: 1, flags: [] },
      { prompt: 'What is 9 − 2?', samples: 1, judged: 0, solved: 0, flags: [] },
    ])
  })

  it('calls a problem too hard or too easy only where enough samples were judged', () => {
    const survey = createSurvey()
    const add = (prompt: string, ...outcomes: boolean[]) => {
      for (const correct of outcomes) survey.add(posed(prompt, correct))
    }
    add('What is 1 + 1?', true, true, true, true)
    add('What is 2 + 2?', false, false, false, false)
    add('What is 3 + 3?', true, false, true, true)
    add('What is 4 + 4?', true, true, true)
    expect([...survey.results()].map(({ flags }) => flags)).toEqual([
      [{ filter: 'too_easy', reason: '4 of 4 samples are right' }],
      [{ filter: 'too_hard', reason: '0 of 4 samples are right' }],
      [],
      [],
    ])
  })

  it('finds near duplicates, but takes a template with other numbers for another problem', () => {
    const survey = createSurvey()
    survey.add(posed(LONG, null, 'first'))
    survey.add(posed(`${LONG} Tell us.`, null, 'again'))
    survey.add(posed(LONG.replace('12', '14'), null, 'other'))
    const [first, again, other] = [...survey.results()]
    expect(first!.flags).toEqual([])
    expect(again!.flags).toEqual([
      { filter: 'near_duplicate', reason: expect.stringMatching(/^\d+% like first$/) as string },
    ])
    expect(other!.flags).toEqual([])
  })
})
