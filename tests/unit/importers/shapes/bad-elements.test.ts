import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import { prepareRecord } from '#engine/importers/prepare-record.ts'
import { shapeById } from '#engine/importers/shapes/index.ts'

/** Records of coded shapes, with the given elements: a text is a good one. */
const RECORDS: [shape: string, record: (elements: (string | null)[]) => Json][] = [
  ['math_harness', (code) => ({ question: 'q', gt: '1', code, pred: code.map(() => '1') })],
  ['tree_of_thought', (ys) => ({ ys, steps: [{ x: 'q', new_ys: [] }] })],
  [
    'openai_batch',
    (texts) => ({
      custom_id: '1',
      response: {
        body: { choices: texts.map((text) => (text === null ? null : { message: { content: text } })) },
      },
    }),
  ],
  [
    'mr_ben',
    (texts) => ({
      q1: texts.map((text) => ({ Question: 'q', Model_Solution_Steps: text })),
    }),
  ],
  [
    'reasoning_gym',
    (texts) => ({ question: 'q', completions: texts.map((text) => ({ full_model_response: text })) }),
  ],
  ['search_predictions', (predictions) => ({ predictions, test_prompts: [] })],
  ['lm_eval', (texts) => ({ doc: {}, arguments: [], resps: texts.map((text) => [text]) })],
  [
    'inspect',
    (texts) => ({
      id: 1,
      epoch: 1,
      input: 'q',
      output: { choices: texts.map((text) => ({ message: { role: 'assistant', content: text } })) },
    }),
  ],
]

function prepared(id: string, record: Json) {
  const context = {
    run: 'r',
    checkpoint: null,
    runOverride: null,
    checkpointOverride: null,
    positional: false,
  }
  const { traces, rejects } = prepareRecord(
    { value: record, at: { line: 1, row: 0, offset: 0 }, raw: null },
    shapeById(id)!,
    { file: 'x.json', state: new Map() },
    null,
    context,
  )
  return {
    responses: traces.map(({ response }) => response),
    samples: traces.map(({ sample }) => sample),
    rejects: rejects.map(({ code, traces: counted }) => [code, counted]),
    told: rejects.map(({ message }) => message).join(),
  }
}

describe.each(RECORDS)('%s', (id, record) => {
  it('counts every element of a record that has no good one', () => {
    expect(prepared(id, record([null, null, null]))).toMatchObject({
      responses: [],
      rejects: [['no_response', 3]],
    })
  })

  it('keeps the good elements and counts the others', () => {
    const whole = prepared(id, record(['a', 'b', 'c']))
    expect(whole).toMatchObject({ responses: ['a', 'b', 'c'], rejects: [] })
    const { responses, samples, rejects } = prepared(id, record(['a', null, 'c']))
    expect([responses, rejects]).toEqual([['a', 'c'], [['no_response', 1]]])
    // They are numbered as they will be once the others are mended.
    expect(samples).toEqual([whole.samples[0], whole.samples[2]])
  })
})

it.each<[string, Json]>([
  ['reasoning_gym', { results: [] }],
  ['search_predictions', { predictions: [], test_prompts: [] }],
  ['mr_ben', { q1: [] }],
  ['math_harness', { code: [], gt: '1', pred: [] }],
])('%s: a record without responses is rejected', (id, record) => {
  expect(prepared(id, record)).toMatchObject({ responses: [], rejects: [['no_response', 1]] })
})

describe('mr_ben', () => {
  it('counts rows that are none', () => {
    const row = { Question: 'q', Model_Solution_Steps: 'a' }
    const { responses, rejects, told } = prepared('mr_ben', { q1: [row, null, 'x', 7] })
    expect([responses, rejects]).toEqual([['a'], [['no_response', 3]]])
    expect(told).toMatch(/"q1\[1\]", found null.*3 of 4/)
  })
})

describe('reasoning_gym', () => {
  it('tells where in which result a completion is bad', () => {
    const result = (...texts: (string | null)[]) => ({
      question: 'q',
      completions: texts.map((text) => ({ full_model_response: text })),
    })
    const { told } = prepared('reasoning_gym', { results: [result('a'), result('b', null)] })
    expect(told).toContain('"results[1].completions[1].full_model_response"')
  })

  it('keeps the results beside one that has no completions', () => {
    const results = [{ question: 'q', completions: [{ full_model_response: 'a' }] }, { question: 'q' }, 7]
    expect(prepared('reasoning_gym', { results })).toMatchObject({
      responses: ['a'],
      rejects: [['no_response', 2]],
    })
  })
})

describe('lm_eval', () => {
  it.each([[[['-1.25', 'False']], [['-2', 'True']]], [[-12.5]]])(
    'counts one record for log-likelihoods: %j',
    (...resps) => {
      expect(prepared('lm_eval', { doc: {}, arguments: [], resps })).toMatchObject({
        responses: [],
        rejects: [['no_response', 1]],
      })
    },
  )
})
