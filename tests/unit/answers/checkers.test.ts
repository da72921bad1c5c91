import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  loadLatexParser,
  standardCheckers,
  verifyAnswer,
  type Checker,
  type CheckInput,
} from '#shared/domain/answers/index.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'

let checkers: Checker[]
beforeAll(async () => {
  checkers = standardCheckers(await loadLatexParser())
})

const input = (given: Partial<CheckInput>): CheckInput => ({
  prompt: '',
  response: '',
  reference: null,
  metadata: {},
  ...given,
})
const countdown =
  'Using the numbers [51, 25, 52], create an equation that equals 78. Answer in <answer> tags.'

describe('choosing a checker', () => {
  it.each([
    ['countdown', input({ prompt: countdown, response: '<answer>52+51-25</answer>' }), 'correct'],
    ['math', input({ prompt: 'How many?', response: '\\boxed{5}', reference: '5' }), 'correct'],
    [
      'multiple-choice',
      input({ prompt: 'Which?\nA) 3\nB) 4', response: 'The answer is (B).', reference: 'B' }),
      'correct',
    ],
    [
      'multiple-choice',
      input({ prompt: 'Which?\nA) 3\nB) 4', response: '\\boxed{4}', reference: '(A)' }),
      'incorrect',
    ],
    ['text', input({ prompt: 'Who?', response: 'The answer is Evelyn.', reference: 'Evelyn' }), 'correct'],
    ['text', input({ prompt: 'Is it?', response: 'Yes.', reference: ' yes' }), 'correct'],
    ['text', input({ prompt: 'Is it?', response: 'No', reference: 'Yes' }), 'incorrect'],
    [
      'text',
      input({ prompt: 'How?', response: 'Carefully', reference: 'use queries with bound parameters only' }),
      'unknown',
    ],
    [
      'none',
      input({
        prompt: countdown.replace('<answer> tags', 'words'),
        response: '52+51-25',
        reference: '(52+51)-25',
      }),
      'unknown',
    ],
    ['none', input({ prompt: 'Who?', response: 'The answer is Evelyn.' }), 'unknown'],
  ])('%s', (name, trace, outcome) => {
    expect(verifyAnswer(trace, checkers)).toMatchObject({ checker: name, outcome })
  })

  it('takes the named one, and a workspace may bring its own', () => {
    const trace = input({ prompt: 'Who?', response: '\\boxed{Evelyn}', reference: 'evelyn' })
    expect(verifyAnswer(trace, checkers, 'text')).toMatchObject({ checker: 'text', outcome: 'correct' })
    const own: Checker = {
      name: 'own',
      title: 'Own',
      applies: () => true,
      check: () => ({
        checker: 'own',
        outcome: 'unknown',
        extracted: null,
        method: null,
        reference: null,
        reason: 'mine',
      }),
    }
    expect(verifyAnswer(trace, [own, ...checkers]).checker).toBe('own')
    expect(() => verifyAnswer(trace, checkers, 'nonsense')).toThrow(RangeError)
  })
})

describe('reasons', () => {
  it.each([
    ['<answer>52+51-25</answer>\n', 'no_answer', 'no <answer> on the last line'],
    ['<answer>52−25</answer>', 'incorrect', 'something other than digits'],
    ['<answer>52+51</answer>', 'incorrect', 'a given number is missing'],
    ['<answer>52+51+25</answer>', 'incorrect', 'another value than the target (128)'],
    ['<answer>52+51/(25</answer>', 'incorrect', 'not an expression'],
  ])('countdown %s', (response, outcome, reason) => {
    const verdict = verifyAnswer(input({ prompt: countdown, response }), checkers)
    expect(verdict).toMatchObject({ checker: 'countdown', outcome })
    expect(verdict.reason).toContain(reason)
  })

  it('takes the marked answer of a reference that is a whole solution', () => {
    const reference = 'Half of 10 is <<10/2=5>>5.\n#### 5'
    expect(verifyAnswer(input({ response: 'so \\boxed{5.0}', reference }), checkers)).toMatchObject({
      outcome: 'correct',
      reference: '5',
    })
  })
})

describe('verdicts', () => {
  it.each([
    ['**Answer: 3/2**', '1.5', 'correct'],
    ['**Final Answer: 0.5**', '1/2', 'correct'],
    ['**Answer: -5**', '5', 'incorrect'],
    ['#### 2. Solve for x\nThe answer is 42.', '42', 'correct'],
    ['So the answer is 42, as expected.', '42', 'correct'],
    ['So the answer is 41, as expected.', '42', 'incorrect'],
    ['The answer is 5 because 2 + 3 = 5.', '5', 'correct'],
    ['The answer is 6 because 2 + 3 = 5.', '5', 'incorrect'],
    ['The answer is 12 + 5 = 17.', '17', 'correct'],
    ['The answer is 12 + 5 = 17.', '12', 'incorrect'],
    ['The answer is 5 apples, since each has 2.', '5', 'correct'],
    ['The answer is 5 (see above).', '5', 'correct'],
    ['The answer is 2 and 3, since both solve it.', '2, 3', 'correct'],
    ['The answer is 3, 4 and 5.', '3', 'unknown'],
    ['The answer is 42, so we stop.', '42', 'unknown'],
    ['The answer is infinity.', '42', 'incorrect'],
    ['\\boxed{between 4 and 5 or so}', '42', 'incorrect'],
    ['The answer is 30 minutes.', '1\\frac{1}{2}\\text{ hours}', 'incorrect'],
    ['The answer is 90 minutes.', '1\\frac{1}{2}\\text{ hours}', 'correct'],
    ['\\boxed{0.06}', '12\\frac{1}{2}\\%', 'incorrect'],
    ['\\boxed{0.125}', '12\\frac{1}{2}\\%', 'correct'],
    ['B+', 'B-', 'incorrect'],
    ['b+', 'B+', 'correct'],
    ['**Yes**', 'yes', 'correct'],
    ['\\boxed{p-q}', 'p - q', 'correct'],
    ['\\boxed{p+q}', 'p - q', 'incorrect'],
  ])('%s against %s is %s', (response, reference, outcome) => {
    expect(verifyAnswer(input({ response, reference }), checkers)).toMatchObject({ outcome })
  })

  it.each([
    ['**Answer: B**', 'correct'],
    ['The answer is B, because 4 is even.', 'correct'],
    ['The answer is B as 4 is even.', 'correct'],
    ['The answer is B (4).', 'correct'],
    ['The answer is C because 4 is even.', 'incorrect'],
    ['The answer is B, C.', 'no_answer'],
    ['The answer is -4.', 'incorrect'],
  ])('%s with options is %s', (response, outcome) => {
    const prompt = 'Which?\nA) 3\nB) 4\nC) -4'
    expect(verifyAnswer(input({ prompt, response, reference: 'B' }), checkers)).toMatchObject({ outcome })
  })

  it('says the value it compared, where the sentence says more', () => {
    const response = 'The answer is 12 + 5 = 17.'
    expect(verifyAnswer(input({ response, reference: '17.0' }), checkers)).toMatchObject({
      extracted: '17',
      method: 'stated',
    })
  })

  it('a rule that compares words tells signs apart too', () => {
    const rules = [{ name: 'grades', compare: 'words' as const }]
    const [own] = standardCheckers(() => null, rules)
    expect(own!.check(input({ response: '\\boxed{B+}', reference: 'B-' })).outcome).toBe('incorrect')
    expect(own!.check(input({ response: '\\boxed{A}', reference: 'a' })).outcome).toBe('correct')
  })
})

/** The fields of the three kinds of real rows. */
interface Row {
  id: string
  idx: number
  item_id: string
  prompt: string
  question: string
  code: [string]
  gt: string
  score: [boolean]
  full_response: string
  ground_truth: string
  is_correct: boolean
  raw_generation: string
  correct: boolean
}

describe.skipIf(!hasSharedData)('real traces', () => {
  const lines = (name: string) =>
    readFileSync(join(SHARED_DATA, 'traces', name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
  const disagreeing = (
    name: string,
    read: (row: Row) => { key: string; trace: CheckInput; correct: boolean },
  ) =>
    lines(name)
      .map(read)
      .filter(({ trace, correct }) => (verifyAnswer(trace, checkers).outcome === 'correct') !== correct)
      .map(({ key }) => key)

  it('GSM8K: the harness is followed but for one answer in cents and one rate out of one', () => {
    const read = (row: Row) => ({
      key: String(row.idx),
      trace: input({ prompt: row.question, response: row.code[0], reference: row.gt }),
      correct: row.score[0],
    })
    expect(disagreeing('reasoning-gym/qwen2.5-3b-instruct_gsm8k.jsonl', read)).toEqual([])
    expect(disagreeing('reasoning-gym/qwen2.5-3b-rlft_gsm8k.jsonl', read)).toEqual(['358', '806'])
  })

  it('MATH500: every disagreement is an equal answer that the file calls wrong', () => {
    const read = (row: Row) => ({
      key: row.item_id,
      trace: input({ prompt: row.prompt, response: row.full_response, reference: row.ground_truth }),
      correct: row.is_correct,
    })
    const numbered = (...numbers: number[]) =>
      numbers.map((number) => `math500_${String(number).padStart(4, '0')}`)
    expect(disagreeing('math500/math500_deepseek_r1.jsonl', read)).toEqual(numbered(0, 2, 4, 7, 8, 11))
    expect(disagreeing('math500/pilot_math500_qwen7b.jsonl', read)).toEqual(numbered(0, 2, 7))
  })

  it('Countdown: three answers that do not stand on the last line', () => {
    const read = (row: Row) => ({
      key: row.id,
      trace: input({ prompt: row.prompt, response: row.raw_generation }),
      correct: row.correct,
    })
    for (const run of ['base_8b', 'sft_lora', 'rft', 'grpo'])
      expect(disagreeing(`countdown-runs/${run}/eval_samples.jsonl`, read)).toEqual([])
    expect(disagreeing('countdown-runs/dpo/eval_samples.jsonl', read)).toEqual([
      'test-000231',
      'test-000326',
      'test-000486',
    ])
  })
})
