import { describe, expect, it } from 'vitest'
import { CairnError } from '#shared/errors.ts'
import type { Json } from '#shared/domain/trace.ts'
import { applyMapping, compileMapping, validateMapping } from '#engine/importers/mapping.ts'
import type { Mapping } from '#engine/importers/types.ts'

const map = (fields: Mapping['fields']): Mapping => ({ shape: 'fields', fields })

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof CairnError) return error.code
    throw error
  }
  return 'nothing thrown'
}

describe('applyMapping', () => {
  it('takes the mapped fields and keeps every other field whole', () => {
    const record = {
      id: 3,
      q: 'why?',
      out: 'because',
      score: '0.5',
      ok: 'True',
      n: '12',
      extra: { a: [1, null] },
    }
    const [trace] = applyMapping(
      record,
      map({ key: 'id', prompt: 'q', response: 'out', reward: 'score', correct: 'ok', tokens: 'n' }),
    )
    expect(trace).toEqual({
      run: null,
      checkpoint: null,
      key: '3',
      sample: null,
      prompt: 'why?',
      messages: null,
      response: 'because',
      reference: null,
      reward: 0.5,
      correct: true,
      truncated: null,
      tokens: 12,
      metadata: { extra: { a: [1, null] } },
    })
  })

  it('leaves in the metadata what a field could not read', () => {
    const record = { out: 'x', reward: 'NaN', correct: 'maybe', tokens: 1.5, step: 'late', gt: { target: 3 } }
    const [trace] = applyMapping(
      record,
      map({
        response: 'out',
        reward: 'reward',
        correct: 'correct',
        tokens: 'tokens',
        checkpoint: 'step',
        reference: 'gt',
      }),
    )
    expect(trace).toMatchObject({
      reward: null,
      correct: null,
      tokens: null,
      checkpoint: null,
      reference: '{"target":3}',
    })
    expect(trace?.metadata).toEqual({
      reward: 'NaN',
      correct: 'maybe',
      tokens: 1.5,
      step: 'late',
      gt: { target: 3 },
    })
  })

  it.each([
    [1, 1, true],
    [0, 0, false],
    ['1', 1, true],
    ['Infinity', null, null],
    ['NaN', null, null],
    ['1e999', null, null],
    ['', null, null],
    ['0x10', null, null],
    [[1], 1, true],
    [[1, 0], null, null],
    [['0.25'], 0.25, null],
    [[[1]], null, null],
    [true, 1, true],
    [{}, null, null],
    [null, null, null],
  ] as [Json, number | null, boolean | null][])(
    'reads the score %j as %j and %j',
    (score, reward, correct) => {
      const [trace] = applyMapping(
        { out: 'x', score },
        map({ response: 'out', reward: 'score', correct: 'score' }),
      )
      expect(trace?.reward).toBe(reward)
      expect(trace?.correct).toBe(correct)
    },
  )

  it('removes only the leaf of a nested path', () => {
    const record = { out: { choices: [{ text: 'a', why: 'stop' }], usage: 3 }, v: { ok: true } }
    const [trace] = applyMapping(record, map({ response: 'out.choices[0].text', correct: 'v.ok' }))
    expect(trace).toMatchObject({ response: 'a', correct: true })
    expect(trace?.metadata).toEqual({ out: { choices: [{ why: 'stop' }], usage: 3 } })
    expect(record.out.choices[0]).toEqual({ text: 'a', why: 'stop' })
  })

  it('fans out over [*], zips siblings and gives every trace its own element', () => {
    const record = {
      q: 'p',
      a: [
        { t: 'x', n: 1 },
        { t: 'y', n: 2 },
      ],
      s: [0, 1],
      other: [7, 8],
    }
    const traces = applyMapping(record, map({ prompt: 'q', response: 'a[*].t', correct: 's[*]' }))
    expect(
      traces.map(({ response, sample, correct, metadata }) => ({ response, sample, correct, metadata })),
    ).toEqual([
      { response: 'x', sample: 0, correct: false, metadata: { a: { n: 1 }, other: [7, 8] } },
      { response: 'y', sample: 1, correct: true, metadata: { a: { n: 2 }, other: [7, 8] } },
    ])
  })

  it('keeps a sibling of another length whole, because no trace owns its extra elements', () => {
    const traces = applyMapping({ a: ['x', 'y'], s: [1, 0, 1] }, map({ response: 'a[*]', reward: 's[*]' }))
    expect(traces.map(({ reward }) => reward)).toEqual([1, 0])
    expect(traces.every(({ metadata }) => (metadata['s'] as Json[]).length === 3)).toBe(true)
  })

  it('zips nested fans level by level', () => {
    const record = {
      g: [
        { score: 1, t: ['a', 'b'] },
        { score: 0, t: ['c'] },
      ],
    }
    const traces = applyMapping(record, map({ response: 'g[*].t[*]', reward: 'g[*].score' }))
    expect(traces.map(({ response, reward, sample }) => [response, reward, sample])).toEqual([
      ['a', 1, 0],
      ['b', 1, 1],
      ['c', 0, 2],
    ])
  })

  it('sets aside only the elements that have no text', () => {
    const { traces, rejects } = compileMapping(map({ response: 'a[*]' }))({ a: ['x', null, ''] })
    expect(traces.map(({ response, sample }) => [response, sample])).toEqual([
      ['x', 0],
      ['', 2],
    ])
    expect(rejects).toHaveLength(1)
    expect(rejects[0]?.message).toMatch(/^no_response/)
  })

  it.each([[{ out: null }], [{}], [{ out: {} }], [{ out: [] }]] as Json[][])(
    'rejects %j as no_response',
    (record) => {
      expect(() => applyMapping(record, map({ response: 'out' }))).toThrow(/^no_response/)
    },
  )

  it('takes an empty response as a trace', () => {
    expect(applyMapping({ out: '' }, map({ response: 'out' }))[0]?.response).toBe('')
  })

  it('puts separate reasoning in think tags, but never twice', () => {
    const fields = map({ response: 'content', reasoning: 'reasoning_content' })
    expect(applyMapping({ content: '4', reasoning_content: '2+2' }, fields)[0]).toMatchObject({
      response: '<think>\n2+2\n</think>\n\n4',
      metadata: {},
    })
    const tagged = applyMapping({ content: '<think>2+2</think>4', reasoning_content: '2+2' }, fields)[0]
    expect(tagged).toMatchObject({ response: '<think>2+2</think>4', metadata: { reasoning_content: '2+2' } })
  })

  it('reads prompts and completions given as messages', () => {
    const record = {
      p: [
        { role: 'system', content: 'S' },
        { role: 'user', content: 'U' },
      ],
      c: [
        { role: 'assistant', content: 'try' },
        { role: 'tool', content: 'no' },
        { role: 'assistant', content: 'done' },
      ],
    }
    const [trace] = applyMapping(record, map({ prompt: 'p', response: 'c' }))
    expect(trace).toMatchObject({ prompt: 'U', response: 'done', metadata: {} })
    expect(trace?.messages?.map(({ role, content }) => `${role}:${content}`)).toEqual([
      'system:S',
      'user:U',
      'assistant:try',
      'tool:no',
    ])
  })

  it('joins text parts and lists of strings and keeps what the joint hides', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'image', url: 'u' },
      { type: 'text', text: 'b' },
    ]
    expect(applyMapping({ r: parts }, map({ response: 'r' }))[0]).toMatchObject({
      response: 'ab',
      metadata: { r: parts },
    })
    const steps = ['one', 'two']
    expect(applyMapping({ r: steps }, map({ response: 'r' }))[0]).toMatchObject({
      response: 'one\ntwo',
      metadata: { r: steps },
    })
  })
})

describe('mapping_invalid', () => {
  it.each([
    ['no response', {}],
    ['an empty path', { response: '' }],
    ['a broken index', { response: 'a[x]' }],
    ['an open bracket', { response: 'a[' }],
    ['a trailing dot', { response: 'a.' }],
    ['a double dot', { response: 'a..b' }],
    ['a list at the start', { response: '[0].a' }],
    ['more fans than the response', { response: 'a', reward: 'b[*]' }],
    ['an unknown field', { response: 'a', colour: 'b' }],
  ] as [string, Mapping['fields']][])('%s', (_name, fields) => {
    expect(codeOf(() => compileMapping(map(fields)))).toBe('mapping_invalid')
  })

  it('names the path that finds nothing and the fields there are', () => {
    const sample = [{ prompt: 'p', output: 'o' }]
    expect(() => validateMapping(map({ response: 'output', reward: 'scor' }), sample)).toThrow(
      /"scor" for reward .*prompt, output/,
    )
    expect(() => validateMapping(map({ response: 'prompt', prompt: 'output' }), sample)).not.toThrow()
    expect(codeOf(() => validateMapping(map({ response: 'a' }), [{ a: null }]))).toBe('mapping_invalid')
  })
})
