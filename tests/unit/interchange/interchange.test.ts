import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shortestFloat32 } from '#shared/domain/interchange/float32.ts'
import { fromInterchange } from '#shared/domain/interchange/read.ts'
import { isProblemTarget, type InterchangeTrace } from '#shared/domain/interchange/types.ts'
import { toInterchange } from '#shared/domain/interchange/write.ts'
import { CairnError } from '#shared/errors.ts'
import { anyTrace } from './arbitraries.ts'

describe.each(['code_points', 'utf16', 'utf8_bytes'] as const)('interchange rows in %s', (unit) => {
  it('come back as they were, through JSON text', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const line = JSON.stringify(toInterchange(trace, unit))
        const back = fromInterchange(JSON.parse(line))
        expect(back).toEqual(trace)
        expect(JSON.stringify(toInterchange(back, unit))).toBe(line)
      }),
    )
  })

  it('hold offsets that slice the text as a reader of that unit slices it', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const row = toInterchange(trace, unit)
        for (const [index, annotation] of row.annotations.entries()) {
          const { start, end } = trace.annotations[index]!
          const expected = trace.response.slice(start, end)
          const slice = { start: annotation.start, end: annotation.end }
          if (unit === 'utf16') expect(row.text.slice(slice.start, slice.end)).toBe(expected)
          if (unit === 'code_points')
            expect([...row.text].slice(slice.start, slice.end).join('')).toBe(expected)
          if (unit === 'utf8_bytes') {
            const bytes = Buffer.from(row.text, 'utf8').subarray(slice.start, slice.end)
            expect(bytes.toString('utf8')).toBe(expected.toWellFormed())
          }
        }
      }),
    )
  })
})

const TRACE: InterchangeTrace = {
  run: 'grpo',
  checkpoint: 250,
  key: 'a',
  sample: 0,
  prompt: 'Hé?',
  response: 'Hé 😀 so',
  textHash: 'ab'.repeat(32),
  bounds: Uint32Array.of(0, 2, 3, 5),
  segmenter: 1,
  prediction: {
    model: 'm',
    version: '1',
    thresholds: [0.1, 0.2, 0.3, 0.4],
    probabilities: Float32Array.of(0.1, 0.2, 0.3, 0.4, 1, 0, 0.5, 0.25),
  },
  annotations: [
    {
      start: 3,
      end: 5,
      behaviour: 'backtracking',
      verdict: 'present',
      annotator: 'ada',
      at: '2026-01-02T03:04:05.000Z',
      target: { start: 0, end: 0 },
      note: '',
    },
  ],
  own: {
    labels: [{ start: 3, end: 5, behaviour: 'unit check', verdict: 'present', annotator: 'ada', at: null }],
    predictions: [
      {
        behaviour: 'unit check',
        model: 'cairn-accurate',
        modelVersion: '1.1.0',
        version: 1,
        threshold: 0.5,
        steps: 1,
        episodes: 1,
        probabilities: Float32Array.of(0.25, 0.5),
      },
    ],
  },
}

describe('one row', () => {
  it('reads as documented', () => {
    expect(toInterchange(TRACE, 'code_points')).toEqual({
      format: 'cairn.annotations',
      version: 1,
      trace: { run: 'grpo', checkpoint: 250, key: 'a', sample: 0 },
      prompt: 'Hé?',
      text_hash: 'ab'.repeat(32),
      offset_unit: 'code_points',
      segmenter: 1,
      text: 'Hé 😀 so',
      steps: [
        [0, 2],
        [3, 4],
      ],
      prediction: {
        model: 'm',
        version: '1',
        thresholds: [0.1, 0.2, 0.3, 0.4],
        behaviours: ['verification', 'backtracking', 'subgoal_setting', 'backward_chaining'],
        probabilities: [
          [0.1, 0.2, 0.3, 0.4],
          [1, 0, 0.5, 0.25],
        ],
      },
      annotations: [
        {
          start: 3,
          end: 4,
          behaviour: 'backtracking',
          verdict: 'present',
          annotator: 'ada',
          at: '2026-01-02T03:04:05.000Z',
          target: [0, 0],
          note: '',
        },
      ],
      own_annotations: [
        { start: 3, end: 4, behaviour: 'unit check', verdict: 'present', annotator: 'ada', at: null },
      ],
      own_predictions: [
        {
          behaviour: 'unit check',
          model: 'cairn-accurate',
          model_version: '1.1.0',
          version: 1,
          threshold: 0.5,
          steps: 1,
          episodes: 1,
          probabilities: [0.25, 0.5],
        },
      ],
    })
  })

  it('keeps the problem as a target apart from no target', () => {
    const back = fromInterchange(toInterchange(TRACE, 'utf8_bytes'))
    expect(isProblemTarget(back.annotations[0]!.target!)).toBe(true)
  })

  it('widens a span that cuts a character to the whole of it', () => {
    const annotations = [{ ...TRACE.annotations[0]!, start: 4, end: 6, target: { start: 2, end: 4 } }]
    const row = toInterchange({ ...TRACE, annotations }, 'code_points')
    expect(row.annotations[0]).toMatchObject({ start: 3, end: 5, target: [2, 4] })
  })

  it('reads rows of versions that knew no behaviours of one’s own', () => {
    const { own_annotations: _labels, own_predictions: _said, ...row } = toInterchange(TRACE, 'utf16')
    expect(fromInterchange(row)).toEqual({ ...TRACE, own: { labels: [], predictions: [] } })
  })

  it('takes the text from the caller when the row has none', () => {
    const { text, ...row } = toInterchange(TRACE, 'code_points')
    expect(fromInterchange(row, text)).toEqual(TRACE)
    expect(failedField(row)).toBe('text')
  })

  it('puts behaviours listed in another order into place', () => {
    const row = toInterchange(TRACE, 'code_points')
    const prediction = {
      ...row.prediction!,
      behaviours: row.prediction!.behaviours.toReversed(),
      thresholds: row.prediction!.thresholds.toReversed(),
      probabilities: row.prediction!.probabilities.map((values) => values.toReversed()),
    }
    expect(fromInterchange({ ...row, prediction })).toEqual(TRACE)
  })

  it.each([
    ['format', { format: 'other' }],
    ['version', { version: 2 }],
    ['text_hash', { text_hash: 'abc' }],
    ['offset_unit', { offset_unit: 'bytes' }],
    [
      'steps[1][1]',
      {
        steps: [
          [0, 1],
          [3, 99],
        ],
      },
    ],
    [
      'steps[1][0]',
      {
        steps: [
          [0, 3],
          [2, 4],
        ],
      },
    ],
    ['steps[0][1]', { steps: [[2, 2]] }],
    ['steps[0][0]', { steps: [[0.5, 2]] }],
    ['prediction.probabilities', { steps: null }],
    ['prediction.probabilities[0][1]', { prediction: { probabilities: [[0, 2, 0, 0]] } }],
    ['prediction.probabilities[1]', { prediction: { probabilities: [[0, 0, 0, 0], [0]] } }],
    ['prediction.thresholds', { prediction: { thresholds: [1] } }],
    ['prediction.behaviours', { prediction: { behaviours: ['verification', 'a', 'b', 'c'] } }],
    ['annotations[0].end', { annotations: [{ end: 3 }] }],
    ['annotations[0].start', { annotations: [{ start: -1 }] }],
    ['annotations[0].behaviour', { annotations: [{ behaviour: 'reflection' }] }],
    ['annotations[0].target[1]', { annotations: [{ target: [1, 1] }] }],
    ['annotations', { annotations: null }],
  ] as [string, Record<string, unknown>][])('names %s when it does not fit', (field, change) => {
    const row = toInterchange(TRACE, 'code_points')
    const changed: Record<string, unknown> = { ...row, ...change }
    if ('prediction' in change)
      changed['prediction'] = { ...row.prediction, ...(change['prediction'] as object) }
    if (Array.isArray(change['annotations'])) {
      const parts = change['annotations'] as object[]
      changed['annotations'] = parts.map((part) => ({ ...row.annotations[0], ...part }))
    }
    expect(failedField(changed)).toBe(field)
  })

  it('refuses an offset inside a character', () => {
    const row = toInterchange(TRACE, 'utf8_bytes')
    expect(failedField({ ...row, steps: [[0, 2]], prediction: null })).toBe('steps[0][1]')
    const half = { text: 'a😀', text_hash: null, steps: [[0, 2]], prediction: null }
    expect(failedField({ ...toInterchange(TRACE, 'utf16'), ...half })).toBe('steps[0][1]')
  })

  it.each([null, 1, 'row', []])('refuses %j', (row) => {
    expect(() => fromInterchange(row)).toThrow(CairnError)
  })
})

describe('shortestFloat32', () => {
  it('brings every 16-bit probability back bit for bit, in at most nine digits', () => {
    for (let multiple = 0; multiple <= 65535; multiple++) {
      const value = Math.fround(multiple / 65535)
      const short = shortestFloat32(value)
      expect(Math.fround(short) === value && Number(short.toPrecision(9)) === short).toBe(true)
    }
    expect(shortestFloat32(Math.fround(0.1))).toBe(0.1)
  })

  it('brings any 32-bit float back', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat32(value)) === value).toBe(true)
      }),
    )
  })
})

function failedField(row: unknown): unknown {
  try {
    fromInterchange(row)
  } catch (error) {
    expect(error).toBeInstanceOf(CairnError)
    expect((error as CairnError).code).toBe('bad_request')
    return (error as CairnError).details['field']
  }
  return 'nothing failed'
}
