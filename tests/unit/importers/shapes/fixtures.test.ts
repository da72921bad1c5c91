import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import type { ContainerName } from '#engine/importers/types.ts'
import { readRecords, recordsOf, type ReadFile } from './read.ts'

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/shapes')

function read(name: string, bigArray?: string, container: ContainerName = 'jsonl'): ReadFile {
  const file = resolve(FIXTURES, name)
  return readRecords(recordsOf(file, bigArray), `runs/${name}`, container)
}

const shapeOf = ({ detection }: ReadFile): string | undefined => detection.shape?.id
const drafts = ({ traces }: ReadFile) => traces.map(({ trace }) => trace)

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
    const file = read(name, bigArray)
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
    const { detection } = read('countdown_eval.jsonl')
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
  const file = read('chat_messages.jsonl')

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
    const [first, second] = drafts(read('sharegpt.json'))
    expect(first).toMatchObject({ key: 's1', prompt: 'Hi', response: 'Hello!' })
    expect(first?.messages?.[0]).toEqual({ role: 'system', content: 'Be kind.' })
    expect(second).toMatchObject({ response: '4', metadata: {} })
    expect(second?.messages?.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
  })

  it('Alpaca joins instruction and input', () => {
    const { traces } = read('alpaca.json')
    for (const { trace, record } of traces) {
      const { instruction, input, output } = record as { instruction: string; input: string; output: string }
      expect(trace.response).toBe(output)
      expect(trace.prompt).toBe(input === '' ? instruction : `${instruction}\n\n${input}`)
      expect(trace.metadata).toEqual(input === '' ? {} : { instruction, input })
    }
  })

  it('OpenAI batch: a trace a choice; failures carry the words of the API', () => {
    const file = read('openai_batch.jsonl')
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
    const [text, chat, empty] = drafts(read('prompt_completion.jsonl'))
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
    const [trace] = drafts(read('trl_completions.jsonl'))
    expect(trace).toMatchObject({ checkpoint: 10, reward: 1, metadata: { advantage: 0.7 } })
    const several = { step: 1, prompt: 'p', completion: 'c', a_reward: 1, b_reward: 0, advantage: 0 }
    expect(drafts(readRecords([several], 'x.jsonl'))[0]).toMatchObject({
      reward: null,
      metadata: { a_reward: 1, b_reward: 0 },
    })
  })

  it('the step of a completions file is in its name', () => {
    const [trace] = drafts(read('completions_step40.json'))
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
    const [trace] = drafts(read('reasoning_gym.json', 'results'))
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
  })

  it('Inspect: the log names run and task; scores become verdicts', () => {
    const file = read('inspect.json', 'samples')
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
    const file = read('stream_of_search.json')
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
    const expected = drafts(read('search_predictions.json'))
    expect(shapeOf(readRecords(pairs, 'x.json'))).toBe('search_predictions')
    expect(drafts(readRecords(pairs, 'x.json'))).toEqual(expected)
    expect(drafts(read('search_predictions.json', 'predictions'))).toEqual(expected)
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
    const traces = drafts(read('tree_of_thought.json'))
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
    const [trace] = drafts(read('thought_anchors.json'))
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
    const { traces } = read('labelled_rows.jsonl')
    const { trace, record } = traces[0]!
    const { steps, annotations, text } = record as Record<string, Json>
    expect(trace.response).toBe(text)
    expect(trace.metadata['cairn_labels']).toEqual({ steps, annotations })
  })
})
