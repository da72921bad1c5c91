import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { countdownProblem } from '#shared/domain/countdown/problem.ts'
import { verifyCountdown } from '#shared/domain/countdown/verify.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'

const PROBLEM = { numbers: [79, 17, 60], target: 36 }

describe('verifyCountdown', () => {
  it.each([
    ['<answer>79 - 60 + 17</answer>', 1, null, 36],
    ['thinking\n<answer> (79-60)+17 </answer> done', 1, null, 36],
    ['<answer>1</answer> no: <answer>79 - 60 + 17</answer><answer>', 1, null, 36],
    ['<answer>79 - 60 + 17</answer>\n', 0, 'no_answer', null],
    ['<answer>79 - 60 + 17</answer>\nThat works.', 0, 'no_answer', null],
    ['<answer>79 - 60\n+ 17</answer>', 0, 'no_answer', null],
    ['79 - 60 + 17', 0, 'no_answer', null],
    ['', 0, 'no_answer', null],
    ['<answer>79 − 60 + 17</answer>', 0.1, 'invalid_characters', null],
    ['<answer>79 - 60 + 17 = 36</answer>', 0.1, 'invalid_characters', null],
    ['<answer>36</answer>', 0.1, 'wrong_numbers', 36],
    ['<answer>79 - 60 + 17 + 17 - 17</answer>', 0.1, 'wrong_numbers', 36],
    ['<answer></answer>', 0.1, 'wrong_numbers', null],
    ['<answer>79 - 60 17</answer>', 0.1, 'not_an_expression', null],
    ['<answer>79 ** 60 - 17</answer>', 0.1, 'not_an_expression', null],
    ['<answer>79 + 60 - 17</answer>', 0.1, 'wrong_value', 122],
  ])('%j scores %s (%s)', (response, score, failure, value) => {
    const verdict = verifyCountdown(response, PROBLEM)
    expect(verdict).toMatchObject({ score, failure, value, correct: score === 1 })
    expect(verdict.answer === null).toBe(failure === 'no_answer')
  })

  it('tells a division by zero', () => {
    const verdict = verifyCountdown('<answer>5 / (3 - 3)</answer>', { numbers: [3, 3, 5], target: 1 })
    expect(verdict).toMatchObject({ score: 0.1, failure: 'division_by_zero', value: null })
  })

  it('counts repeated numbers and reads leading zeros as Python does', () => {
    const twice = { numbers: [6, 6, 2], target: 3 }
    expect(verifyCountdown('<answer>(6 + 6 / 6) / 2</answer>', twice).failure).toBe('wrong_numbers')
    expect(verifyCountdown('<answer>6 / (6 / 2 - 1)</answer>', twice).failure).toBe('wrong_numbers')
    expect(verifyCountdown('<answer>06 * 2 - 6</answer>', twice).failure).toBe('not_an_expression')
  })

  it('decides 1e-5 exactly and takes no rounding for a solution', () => {
    const third = { numbers: [1, 3], target: 0.33333 }
    expect(verifyCountdown('<answer>1/3</answer>', third).correct).toBe(true)
    expect(verifyCountdown('<answer>1/3</answer>', { ...third, target: 0.33332 }).correct).toBe(false)
  })

  it('stays linear in hostile last lines', () => {
    const started = performance.now()
    for (const part of ['<answer>', '</answer>', '<answer>1</answer>', ' ', '(']) {
      verifyCountdown(part.repeat(500_000), PROBLEM)
      verifyCountdown(`<answer>${part.repeat(200_000)}x${part}</answer>`, PROBLEM)
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

interface FixtureRow {
  id: string
  run: string
  prompt: string
  raw_generation: string
  correct: boolean
  error: string | null
  verl_failure: string | null
}

it('judges real answers as recorded', () => {
  const path = resolve(import.meta.dirname, '../../fixtures/countdown/answers.jsonl')
  for (const row of jsonLines(path) as FixtureRow[]) {
    const verdict = verifyCountdown(row.raw_generation, countdownProblem(row.prompt, {})!)
    expect([row.id, verdict.failure]).toEqual([row.id, row.verl_failure])
  }
})

describe.skipIf(!hasSharedData)('against the verdicts of real runs', () => {
  const ERRORS: Readonly<Record<string, string>> = {
    missing_answer_tag: 'no_answer',
    invalid_expression: 'invalid_characters',
    number_mismatch: 'wrong_numbers',
    wrong_value: 'wrong_value',
  }

  it.each([
    ['base_8b', 0],
    ['sft_lora', 0],
    ['rft', 0],
    // Their verifier takes an answer that further text follows on later lines; verl's rule does not.
    ['dpo', 4],
    ['grpo', 0],
    ['grpo-checkpoints/step_250', 0],
    ['grpo-checkpoints/step_500', 0],
  ])('%s: same reason but for %i answers above the last line', (run, differing) => {
    const rows = jsonLines(`${SHARED_DATA}/traces/countdown-runs/${run}/eval_samples.jsonl`) as FixtureRow[]
    const different = rows.filter((row) => {
      const { failure } = verifyCountdown(row.raw_generation, countdownProblem(row.prompt, {})!)
      return failure !== (row.error === null ? null : ERRORS[row.error])
    })
    expect(different.length).toBe(differing)
    for (const row of different) {
      const { failure } = verifyCountdown(row.raw_generation, countdownProblem(row.prompt, {})!)
      expect(failure).toBe('no_answer')
      expect(row.raw_generation).toMatch(/<answer>.*<\/answer>[^]*\n/)
    }
  })

  it('gives the score verl gave', () => {
    for (const row of jsonLines(`${SHARED_DATA}/formats/verl/75.jsonl`) as Record<string, never>[]) {
      const problem = countdownProblem('', row)!
      expect(problem).toEqual(row['gts'])
      expect(countdownProblem(row['input']!, {})).toEqual(problem)
      expect(verifyCountdown(row['output']!, problem).score).toBe(row['score'])
    }
  })
})

function jsonLines(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}
