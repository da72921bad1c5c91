import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import { readRecords } from './read.ts'

const mappingOf = (record: Json) => readRecords([record], 'x.jsonl').detection.mapping?.fields

describe('fields by name', () => {
  it.each([
    [
      { Question: 'a b', 'Model Answer': 'x', gt: '1' },
      { prompt: 'Question', response: 'Model Answer', reference: 'gt' },
    ],
    [
      { prompt: 'a b', outputs: [{ text: 'x', score: 1 }] },
      { response: 'outputs[*].text', reward: 'outputs[*].score' },
    ],
    [
      { problem: 'a b', generations: ['x', 'y'], correctness_math_verify: [true, false] },
      { response: 'generations[*]', correct: 'correctness_math_verify[*]' },
    ],
    [
      { question: 'a b', thinking: 't', answer: 'x' },
      { response: 'answer', reasoning: 'thinking' },
    ],
    [
      { question: 'a b', solution: 's', answer: '4' },
      { response: 'solution', reference: 'answer' },
    ],
    [
      { global_step: 3, model_name: 'm', response: 'x', reward: 1, is_correct: 1 },
      { checkpoint: 'global_step', run: 'model_name', reward: 'reward', correct: 'is_correct' },
    ],
    [{ response: 'x', acc: 0.5 }, { reward: 'acc' }],
    [
      { response: 'x', score: 0.5, acc: 1 },
      { reward: 'score', correct: 'acc' },
    ],
    [{ 'a.response': 1, output: { text: 'x', n: 1 } }, { response: 'output.text' }],
    [
      { prompt: 'a b', responses: ['x'], reward_model: { ground_truth: '4' } },
      { response: 'responses[*]', reference: 'reward_model.ground_truth' },
    ],
    [{ numbers: [1, 2], target: 3, response: 'x' }, { response: 'response' }],
    [{ problem: '一加一等于多少？', response: 'x' }, { prompt: 'problem' }],
    [{ input: '请计算结果', response: 'x' }, { prompt: 'input' }],
    [{ problem: 'りんごはいくつありますか', response: 'x' }, { prompt: 'problem' }],
    [{ problem: 'หนึ่งบวกหนึ่งเท่ากับเท่าไร', response: 'x' }, { prompt: 'problem' }],
    [{ input: '2+2=', response: 'x' }, { prompt: 'input' }],
    [{ prompt: 'Hello', response: 'x' }, { prompt: 'prompt' }],
    [{ prompt: 'cot', question: 'a b', response: 'x' }, { prompt: 'question' }],
  ] as [Json, Record<string, string>][])('%j', (record, fields) => {
    expect(mappingOf(record)).toMatchObject(fields)
  })

  it('takes a lone word for a name, not a question', () => {
    for (const record of [
      { problem: 'problem_7', response: 'x' },
      { task: 'gsm8k', prompt: ' ', response: 'x' },
    ])
      expect(mappingOf(record)).not.toHaveProperty('prompt')
  })

  it('takes a lone word beside a conversation for a name, unless there is none in it', () => {
    const turns = [{ role: 'user', content: 'How many?' }]
    expect(mappingOf({ prompt: 'p000', messages: turns, response: 'x' })).toEqual({
      ...{ messages: 'messages', response: 'response' },
    })
    expect(mappingOf({ prompt: 'Hello', messages: null, response: 'x' })).toMatchObject({ prompt: 'prompt' })
  })

  it('leaves a Countdown target with its numbers', () => {
    expect(mappingOf({ numbers: [1, 2], target: 3, response: 'x' })).not.toHaveProperty('reference')
  })
})
