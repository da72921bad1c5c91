import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import { FIXTURES, drafts, readFixture, shapeOf } from './fixture.ts'
import { readRecords, recordsOf } from './read.ts'

describe('detection', () => {
  it.each([
    ['alpaca.json', undefined, 'alpaca', 4],
    ['chat_messages.jsonl', undefined, 'chat_messages', 4],
    ['completions_step40.json', undefined, 'step_completions', 2],
    ['countdown_eval.jsonl', undefined, 'countdown_eval', 3],
    ['countdown_sft.jsonl', undefined, 'countdown_sft', 2],
    ['fields.jsonl', undefined, 'fields', 2],
    ['inspect.json', 'samples', 'inspect', 1],
    ['labelled_rows.jsonl', undefined, 'labelled_rows', 1],
    ['lm_eval.jsonl', undefined, 'lm_eval', 2],
    ['math500.jsonl', undefined, 'math500', 1],
    ['math_harness.jsonl', undefined, 'math_harness', 3],
    ['mr_ben.json', undefined, 'mr_ben', 3],
    ['openai_batch.jsonl', undefined, 'openai_batch', 3],
    ['prompt_completion.jsonl', undefined, 'prompt_completion', 3],
    ['reasoning_gym.json', 'results', 'reasoning_gym', 6],
    ['reasoning_gym.json', undefined, 'reasoning_gym', 6],
    ['search_predictions.json', undefined, 'search_predictions', 3],
    ['search_predictions.json', 'predictions', 'search_predictions', 3],
    ['sharegpt.json', undefined, 'sharegpt', 2],
    ['stream_of_search.json', undefined, 'stream_of_search', 4],
    ['thought_anchors.json', undefined, 'thought_anchors', 1],
    ['tree_of_thought.json', undefined, 'tree_of_thought', 5],
    ['trl_completions.jsonl', undefined, 'trl_completions', 2],
    ['verl_rollout.jsonl', undefined, 'verl_rollout', 2],
  ])('%s (%s) is %s with %i traces', (name, bigArray, shape, traces) => {
    const file = readFixture(name, bigArray)
    expect(shapeOf(file)).toBe(shape)
    expect(file.traces).toHaveLength(traces)
  })

  it('says which fields it saw when nothing looks like a response', () => {
    const { detection } = readRecords([{ colour: 'red', size: 3 }], 'x.jsonl')
    expect(detection.shape).toBeNull()
    expect(detection.message).toMatch(/colour, size/)
    expect(readRecords([], 'x.jsonl').detection.message).toMatch(/no records/)
    expect(readRecords(['a'], 'x.jsonl').detection.message).toMatch(/no named fields/)
  })

  it('ranks the specific shape above the generic ones and keeps them as alternatives', () => {
    const { detection } = readFixture('countdown_eval.jsonl')
    expect(detection.alternatives.map(({ shape }) => shape.id)).toContain('fields')
  })

  it('stands a broken minority of records', () => {
    const good = recordsOf(resolve(FIXTURES, 'verl_rollout.jsonl'))
    const file = readRecords([...good, 3, { input: 'only' }], 'runs/75.jsonl')
    expect(shapeOf(file)).toBe('verl_rollout')
    expect(file.traces).toHaveLength(2)
    expect(file.rejects).toHaveLength(2)
  })
})

describe('chat', () => {
  const file = readFixture('chat_messages.jsonl')

  it('takes the last assistant message and keeps all before it', () => {
    const [plain, turns] = drafts(file)
    expect(plain).toMatchObject({ key: '7', prompt: 'What is 2+2?', response: '4', reward: 1, metadata: {} })
    expect(plain?.messages?.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(turns).toMatchObject({
      key: 'a8',
      response: '<think>\n3+3 is 6.\n</think>\n\nIt is 6.',
      reward: null,
    })
    expect(turns?.messages).toHaveLength(3)
    expect(turns?.metadata).toEqual({ reward: 'NaN' })
  })

  it('reads content parts, thinking first', () => {
    expect(drafts(file)[2]?.response).toBe('<think>\n2 is prime.\n</think>\n\n2')
  })

  it('keeps tool messages and what their texts do not say', () => {
    const trace = drafts(file)[3]
    expect(trace?.response).toBe('<think>it rains</think>Rain.')
    expect(trace?.messages?.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
    expect(JSON.stringify(trace?.metadata)).toContain('"tool_call_id":"c1"')
    expect(JSON.stringify(trace?.metadata)).toContain('"arguments":"{}"')
  })

  it('sets aside a chat nobody answered', () => {
    expect(file.rejects).toEqual([expect.stringMatching(/^no_response/)])
  })

  it('leaves a chat that another field answers to that field', () => {
    const record = { messages: [{ role: 'user', content: 'hi' }], response: 'hello' }
    const [trace] = drafts(readRecords([record], 'x.jsonl'))
    expect(trace).toMatchObject({
      prompt: 'hi',
      response: 'hello',
      messages: [{ role: 'user', content: 'hi' }],
    })
  })

  it('keeps messages after the response', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'thanks' },
    ]
    const [trace] = drafts(readRecords([{ messages }], 'x.jsonl'))
    expect(trace).toMatchObject({
      response: 'b',
      metadata: { messages: [{}, {}, { role: 'user', content: 'thanks' }] },
    })
  })
})

describe('small formats', () => {
  it('ShareGPT', () => {
    const [first, second] = drafts(readFixture('sharegpt.json'))
    expect(first).toMatchObject({ key: 's1', prompt: 'Hi', response: 'Hello!' })
    expect(first?.messages?.[0]).toEqual({ role: 'system', content: 'Be kind.' })
    expect(second).toMatchObject({ response: '4', metadata: {} })
    expect(second?.messages?.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
  })

  it('Alpaca joins instruction and input', () => {
    const { traces } = readFixture('alpaca.json')
    for (const { trace, record } of traces) {
      const { instruction, input, output } = record as { instruction: string; input: string; output: string }
      expect(trace.response).toBe(output)
      expect(trace.prompt).toBe(input === '' ? instruction : `${instruction}\n\n${input}`)
      expect(trace.metadata).toEqual(input === '' ? {} : { instruction, input })
    }
  })

  it('OpenAI batch: a trace a choice; failures carry the words of the API', () => {
    const file = readFixture('openai_batch.jsonl')
    const [first, second, third] = drafts(file)
    expect(first).toMatchObject({
      run: 'gpt-x',
      key: 'q-1',
      sample: 0,
      response: 'four',
      truncated: false,
      tokens: null,
    })
    expect(second).toMatchObject({ sample: 1, response: '4', truncated: true })
    expect(third).toMatchObject({ response: '<think>\n3*3\n</think>\n\nNine.', tokens: 5 })
    expect(file.rejects).toEqual([
      expect.stringContaining('The prompt is too long.'),
      expect.stringContaining('The batch expired.'),
    ])
  })

  it('OpenAI responses API', () => {
    const body = {
      model: 'm',
      output: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
        { type: 'message', content: [{ type: 'output_text', text: 'yes' }] },
      ],
    }
    const [trace] = drafts(
      readRecords([{ custom_id: 'a', response: { status_code: 200, body }, error: null }], 'x.jsonl'),
    )
    expect(trace?.response).toBe('<think>\nhm\n</think>\n\nyes')
  })

  it('prompt and completion as text or messages', () => {
    const [text, chat, empty] = drafts(readFixture('prompt_completion.jsonl'))
    expect(text).toMatchObject({ prompt: '2+2=', response: ' 4', key: '1' })
    expect(chat).toMatchObject({
      prompt: '3+3?',
      response: '6',
      messages: [{ role: 'user', content: '3+3?' }],
      metadata: {},
    })
    expect(empty).toMatchObject({ response: '', metadata: { query: '1+1' } })
  })

  it('query and completion', () => {
    const [trace] = drafts(readRecords([{ query: 'q', completion: 'c', target: '7' }], 'x.jsonl'))
    expect(trace).toMatchObject({ prompt: 'q', response: 'c', reference: '7' })
  })

  it('TRL completions', () => {
    const [trace] = drafts(readFixture('trl_completions.jsonl'))
    expect(trace).toMatchObject({ checkpoint: 10, reward: 1, metadata: { advantage: 0.7 } })
    const several = { step: 1, prompt: 'p', completion: 'c', a_reward: 1, b_reward: 0, advantage: 0 }
    expect(drafts(readRecords([several], 'x.jsonl'))[0]).toMatchObject({
      reward: null,
      metadata: { a_reward: 1, b_reward: 0 },
    })
  })

  it('the step of a completions file is in its name', () => {
    const [trace] = drafts(readFixture('completions_step40.json'))
    expect(trace).toMatchObject({ checkpoint: 40, reference: '{"numbers":[3,5,2],"target":13}' })
    expect(trace?.metadata).toEqual({ ground_truth: { numbers: [3, 5, 2], target: 13 } })
  })

  it('verl: the file number is the step only when the record has none', () => {
    const [, row] = recordsOf(resolve(FIXTURES, 'verl_rollout.jsonl')) as Record<string, Json>[]
    const { step: _step, ...rest } = row!
    expect(drafts(readRecords([row!], 'runs/9.jsonl'))[0]?.checkpoint).toBe(75)
    expect(drafts(readRecords([rest], 'runs/9.jsonl'))[0]?.checkpoint).toBe(9)
  })

  it('plain text is one response', () => {
    const text = readFileSync(import.meta.filename, 'utf8')
    const file = readRecords([{ text }], 'notes.txt', 'text')
    expect(shapeOf(file)).toBe('plain_text')
    expect(drafts(file)[0]).toMatchObject({ prompt: '', response: text, metadata: {} })
  })
})
