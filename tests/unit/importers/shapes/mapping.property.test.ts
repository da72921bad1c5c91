import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import { applyMapping, compileMapping } from '#engine/importers/mapping.ts'
import { formatPath, parsePath, resolve, type PathStep } from '#engine/importers/shapes/support/path.ts'
import { lost } from './read.ts'

const key = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom('a.b', '[0]', '"', '__proto__', 'constructor', 'toString', '*', ' ', '\\', '\ud800'),
)
const step: fc.Arbitrary<PathStep> = fc.oneof(
  { weight: 4, arbitrary: key.map((name) => ({ key: name })) },
  fc.integer({ min: -5, max: 50 }).map((index) => ({ index })),
  fc.constant({ all: true as const }),
)
const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>

describe('paths', () => {
  it('read back what they write', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        expect(parsePath(formatPath(steps)).steps).toEqual(steps)
      }),
    )
  })

  it('find a value wherever it was put', () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), json, (keys, leaf) => {
        const record = keys.reduceRight<Json>(
          (inner, name) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(inner)}}`) as Json,
          leaf,
        )
        const { steps } = parsePath(formatPath(keys.map((name) => ({ key: name }))))
        expect(resolve(record, steps, [])).toEqual(JSON.parse(JSON.stringify(leaf)))
      }),
    )
  })

  it('never read what a record only inherits', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(resolve({ a: 1 }, parsePath(name).steps, [])).toBeUndefined()
    }
  })
})

describe('extraction', () => {
  const record = fc.dictionary(
    fc.constantFrom('id', 'prompt', 'response', 'reward', 'correct', 'step', 'gt', 'x', 'y', '__proto__'),
    json,
  )
  const extract = compileMapping({
    shape: 'fields',
    fields: {
      key: 'id',
      prompt: 'prompt',
      response: 'response',
      reward: 'reward',
      correct: 'correct',
      checkpoint: 'step',
      reference: 'gt',
    },
  })

  it('loses nothing of any record it accepts', () => {
    fc.assert(
      fc.property(record, fc.string(), (fields, response) => {
        const value = { ...fields, response } as Json
        const { traces } = extract(value)
        expect(traces).toHaveLength(1)
        expect(traces[0]?.response).toBe(response)
        const trace = traces[0]!
        // Numeric texts and truth values become numbers and flags; everything else must be there as it was.
        const values = new Set([trace.reward, trace.checkpoint, Number(trace.correct)].map(String))
        const missing = lost(value, traces).filter(
          (leaf) => !values.has(String(Number(leaf))) && !values.has(String(Number(leaf === 'true'))),
        )
        expect(missing).toEqual([])
      }),
      { examples: [[{ gt: [{ '': true }] }, '']] },
    )
  })

  it('never changes the record and never throws on objects', () => {
    fc.assert(
      fc.property(record, (fields) => {
        const before = JSON.stringify(fields)
        const { traces, rejects } = extract(fields)
        expect(traces.length + rejects.length).toBe(1)
        expect(JSON.stringify(fields)).toBe(before)
      }),
    )
  })

  it('makes one trace an element, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ t: fc.string(), n: json }), { minLength: 1 }), (elements) => {
        const value = { all: elements } as unknown as Json
        const traces = applyMapping(value, { shape: 'fields', fields: { response: 'all[*].t' } })
        expect(traces.map(({ response }) => response)).toEqual(elements.map(({ t }) => t))
        expect(traces.map(({ sample }) => sample)).toEqual(elements.map((_, index) => index))
        traces.forEach(({ metadata }, i) => expect(metadata).toEqual({ all: { n: elements[i]!.n } }))
      }),
    )
  })
})
