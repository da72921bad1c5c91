import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import { FIXTURES, drafts, readFixture, shapeOf } from './fixture.ts'
import { readRecords, recordsOf, type ReadFile } from './read.ts'

describe('evaluation formats', () => {
  it('math harness: several generations of a question are zipped with their verdicts', () => {
    const record = {
      idx: 4,
      question: 'q',
      gt: '7',
      code: ['a', 'b'],
      pred: ['7', '8'],
      report: [null, null],
      score: [true, false],
    }
    const traces = drafts(readRecords([record], 'x.jsonl'))
    expect(traces).toMatchObject([
      {
        key: '4',
        sample: 0,
        response: 'a',
        correct: true,
        reference: '7',
        metadata: { pred: '7', report: null },
      },
      {
        key: '4',
        sample: 1,
        response: 'b',
        correct: false,
        reference: '7',
        metadata: { pred: '8', report: null },
      },
    ])
  })

  it('reasoning-gym: system prompt in the messages, data set in the metadata', () => {
    const [trace] = drafts(readFixture('reasoning_gym.json', 'results'))
    expect(trace?.messages?.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(trace?.metadata['dataset']).toMatchObject({ name: 'countdown', config: { size: 50, seed: 45 } })
  })

  it('lm-eval: chat requests become messages; several responses share no verdict', () => {
    const chat = JSON.stringify([
      { role: 'system', content: 'S' },
      { role: 'user', content: 'Q' },
    ])
    const record = {
      doc_id: 1,
      doc: { a: 1 },
      target: 3,
      arguments: { gen_args_0: { arg_0: chat, arg_1: {} } },
      resps: [['x', 'y']],
      exact_match: 1,
    }
    const traces = drafts(readRecords([record], 'x.jsonl'))
    expect(traces).toMatchObject([
      { prompt: 'Q', response: 'x', sample: 0, correct: null, reference: '3', metadata: { exact_match: 1 } },
      { prompt: 'Q', response: 'y', sample: 1 },
    ])
    expect(traces[0]?.messages).toHaveLength(2)
    const older = { ...record, arguments: [['Q', { until: [] }]], resps: [['x']], exact_match: 0 }
    expect(drafts(readRecords([older], 'x.jsonl'))[0]).toMatchObject({
      prompt: 'Q',
      correct: false,
      reward: 0,
    })
    const likelihood = { ...record, resps: [[['-1.5', 'False']], [['-0.5', 'True']]] }
    expect(readRecords([likelihood], 'x.jsonl').rejects[0]).toMatch(/^no_response.*log-likelihood/)
    const short = { ...record, resps: [['42', '1']] }
    expect(drafts(readRecords([short], 'x.jsonl')).map(({ response }) => response)).toEqual(['42', '1'])
  })

  it('Inspect: the log names run and task; scores become verdicts', () => {
    const file = readFixture('inspect.json', 'samples')
    expect(file.headers).toBe(1)
    expect(drafts(file)[0]).toMatchObject({
      run: 'ollama/llama3.1',
      key: '1',
      sample: 1,
      response: 'No',
      reward: 0,
      correct: false,
    })
    expect(drafts(file)[0]?.metadata['eval']).toMatchObject({ task: 'popularity' })
    expect(drafts(file)[0]?.metadata['document']).toMatchObject({ status: 'success' })
  })

  it('Inspect: failures, letters, reasoning and attachments', () => {
    const sample = (over: Record<string, Json>): Json => ({
      id: 'a',
      epoch: 2,
      input: 'attachment://k',
      target: ['1', '2'],
      messages: [],
      attachments: { k: 'Q' },
      ...over,
    })
    const reply = (content: Json, stop_reason = 'stop'): Json => ({
      choices: [{ message: { role: 'assistant', content }, stop_reason }],
    })
    const read = (over: Record<string, Json>): ReadFile =>
      readRecords([sample(over)], 'x.eval', 'inspect_eval')
    expect(read({ error: { message: 'out of memory' }, output: { choices: [] } }).rejects[0]).toMatch(
      /^no_response.*out of memory/,
    )
    const thought = read({
      output: reply(
        [
          { type: 'reasoning', reasoning: 'r' },
          { type: 'text', text: 't' },
        ],
        'max_tokens',
      ),
      scores: { s: { value: 'P' } },
    })
    expect(drafts(thought)[0]).toMatchObject({
      prompt: 'Q',
      response: '<think>\nr\n</think>\n\nt',
      truncated: true,
      reward: 0.5,
      correct: null,
      sample: 2,
      reference: '["1","2"]',
    })
    expect(drafts(read({ output: reply('x'), scores: { s: { value: 'N' } } }))[0]).toMatchObject({
      reward: 0,
      correct: false,
    })
    expect(drafts(read({ output: reply('x'), scores: { s: { value: 0.25 } } }))[0]).toMatchObject({
      reward: 0.25,
      correct: null,
    })
  })

  it('stream-of-search: only the assistant part is the response', () => {
    const file = readFixture('stream_of_search.json')
    expect(file.headers).toBe(2)
    for (const { trace, record } of file.traces) {
      const { completion, prompt } = record as { completion: string; prompt: string }
      expect(trace.prompt).toBe(prompt)
      expect(completion.endsWith(trace.response)).toBe(true)
      expect(trace.response).not.toMatch(/^\s*assistant\b/i)
      const header = (trace.metadata['rendered_header'] ?? '\nassistant\n') as string
      const [system, user] = trace.messages ?? []
      expect(`system\n${system?.content}\nuser\n${user?.content}${header}${trace.response}`).toBe(completion)
    }
  })

  it('predictions read the same whole, beside their document and pair by pair', () => {
    const [whole] = recordsOf(resolve(FIXTURES, 'search_predictions.json')) as Record<string, Json[]>[]
    const { predictions, test_prompts } = whole!
    const pairs = predictions!.map((text, i) => ({ predictions: text, test_prompts: test_prompts![i]! }))
    const expected = drafts(readFixture('search_predictions.json'))
    expect(shapeOf(readRecords(pairs, 'x.json'))).toBe('search_predictions')
    expect(drafts(readRecords(pairs, 'x.json'))).toEqual(expected)
    expect(drafts(readFixture('search_predictions.json', 'predictions'))).toEqual(expected)
  })

  it('stream-of-search: text that is no rendered chat stays whole', () => {
    const [headers, stats, row] = recordsOf(resolve(FIXTURES, 'stream_of_search.json')) as Record<
      string,
      Json
    >[]
    const file = readRecords([headers!, stats!, { ...row!, completion: 'assistant\nhm' }], 'x.json')
    expect(drafts(file)[0]?.response).toBe('assistant\nhm')
  })

  it('tree of thought: a trace a candidate, the tree once', () => {
    const traces = drafts(readFixture('tree_of_thought.json'))
    expect(new Set(traces.map(({ key }) => key)).size).toBe(1)
    expect(traces.map(({ metadata }) => Object.hasOwn(metadata, 'steps'))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect(traces.every(({ reward, correct }) => reward === Number(correct))).toBe(true)
  })

  it('thought anchors: chunks know where they are, and which are not verbatim', () => {
    const [trace] = drafts(readFixture('thought_anchors.json'))
    expect(trace).toMatchObject({
      run: 'deepseek-r1-distill-qwen-14b',
      key: 'incorrect_base_solution/problem_2236',
      correct: false,
    })
    const chunks = trace?.metadata['chunks'] as {
      chunk: string
      start: number | null
      end: number | null
      note?: string
    }[]
    const placed = chunks.filter(({ start }) => start !== null)
    expect(placed.length).toBeGreaterThan(0)
    expect(placed.length).toBeLessThan(chunks.length)
    for (const { chunk, start, end, note } of chunks) {
      if (start === null) expect(note).toMatch(/not verbatim/)
      else expect(trace?.response.slice(start, end ?? 0)).toBe(chunk)
    }
  })

  it('labelled rows keep their labels together', () => {
    const { traces } = readFixture('labelled_rows.jsonl')
    const { trace, record } = traces[0]!
    const { steps, annotations, text } = record as Record<string, Json>
    expect(trace.response).toBe(text)
    expect(trace.metadata['cairn_labels']).toEqual({ steps, annotations })
  })
})
