import { describe, expect, it } from 'vitest'
import { CairnError } from '#shared/errors.ts'
import type { Json } from '#shared/domain/trace.ts'
import { SHAPES } from '#engine/importers/shapes/index.ts'
import { readRecords } from './read.ts'

describe('hostile records', () => {
  it('keeps a __proto__ field as data', () => {
    const record = JSON.parse(
      '{"prompt":"p x","response":"r","__proto__":{"polluted":true},"constructor":1}',
    ) as Json
    const { trace } = readRecords([record], 'x.jsonl').traces[0]!
    expect(JSON.parse(JSON.stringify(trace.metadata))).toEqual(
      JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
    )
    expect((trace.metadata as { polluted?: boolean }).polluted).toBeUndefined()
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  const VALUES: Json[] = [
    null,
    true,
    0,
    -1,
    1e308,
    '',
    'x',
    [],
    {},
    [null],
    [[]],
    [{}],
    ['a', 1],
    { a: { b: [] } },
    '[{"role":"user"}]',
    '[{"role":',
  ]
  const NAMES = [
    ...[
      'id',
      'prompt',
      'response',
      'completion',
      'messages',
      'conversations',
      'input',
      'output',
      'instruction',
      'score',
      'step',
    ],
    ...[
      'custom_id',
      'error',
      'resps',
      'doc',
      'arguments',
      'target',
      'code',
      'gt',
      'pred',
      'question',
      'completions',
      'results',
    ],
    ...[
      'epoch',
      'scores',
      'steps',
      'ys',
      'infos',
      'idx',
      'folder',
      'base_solution',
      'chunks_labeled',
      'problem',
      'text',
    ],
    ...[
      'annotations',
      'full_response',
      'reasoning_trace',
      'answer_text',
      'raw_generation',
      'generated',
      'ground_truth',
      'nums',
    ],
    ...[
      'parsed_results',
      'hyperparams',
      'predictions',
      'test_prompts',
      'Model_Solution_Steps',
      'Question',
      '$document',
    ],
  ]

  it.each(SHAPES.map((shape) => [shape.id, shape] as const))(
    '%s throws nothing but its own errors',
    (_id, shape) => {
      const records: Json[] = [...VALUES]
      for (let seed = 0; seed < 400; seed++) {
        const record: Record<string, Json> = {}
        for (const [at, name] of NAMES.entries()) {
          const roll = (seed * 7919 + at * 104729) % 101
          if (roll < 55) record[name] = VALUES[roll % VALUES.length] as Json
        }
        records.push(record)
      }
      const context = { file: 'x.jsonl', container: 'jsonl' as const }
      expect(() => shape.detect(records, context)).not.toThrow()
      for (const record of records) {
        try {
          const result = shape.read(record, { file: 'x.jsonl', state: new Map() }, null)
          if (!('traces' in result)) continue
          for (const trace of result.traces) expect(typeof trace.response).toBe('string')
        } catch (error) {
          if (!(error instanceof CairnError)) throw error
          expect(['bad_request', 'mapping_invalid']).toContain(error.code)
          expect(error.message.length).toBeGreaterThan(10)
        }
      }
    },
  )

  it('reads long lists without recursion', () => {
    const generations = Array.from({ length: 200_000 }, (_, i) => `t${i}`)
    expect(readRecords([{ prompt: 'a b', responses: generations }], 'x.jsonl').traces).toHaveLength(200_000)
    const resps = { doc: {}, arguments: [], target: '', resps: [generations] }
    expect(readRecords([resps], 'x.jsonl').traces).toHaveLength(200_000)
  })

  it('keeps identifiers as text, numbers or not', () => {
    const keys = readRecords(
      [
        { id: 12, response: 'a' },
        { id: 'x-1', response: 'b' },
        { id: 9007199254740991, response: 'c' },
      ],
      'x.jsonl',
    )
    expect(keys.traces.map(({ trace }) => trace.key)).toEqual(['12', 'x-1', '9007199254740991'])
  })

  it('never takes an empty object for a header', () => {
    for (const shape of SHAPES) {
      expect(() => shape.read({}, { file: 'x.jsonl', state: new Map() }, null), shape.id).toThrow(CairnError)
    }
  })

  it('lets a mapping of the user replace the code of a shape', () => {
    const mapping = { shape: 'tree_of_thought', fields: { response: 'answer' } }
    const shape = SHAPES.find(({ id }) => id === mapping.shape)
    const result = shape?.read({ answer: 'x', ys: [] }, { file: 'x', state: new Map() }, mapping)
    expect(result).toMatchObject({ traces: [{ response: 'x', metadata: { ys: [] } }] })
  })

  it('keeps lone surrogates', () => {
    expect(readRecords([{ response: 'a\ud800b' }], 'x.jsonl').traces[0]?.trace.response).toBe('a\ud800b')
  })
})
