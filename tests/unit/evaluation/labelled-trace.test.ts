import { describe, expect, it } from 'vitest'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'
import { readLabelledTrace } from '#shared/domain/evaluation/labelled-trace.ts'
import type { InterchangeTrace } from '#shared/domain/interchange/types.ts'
import { toInterchange } from '#shared/domain/interchange/write.ts'

const TEXT = 'I add. I check. I stop.'
const STEPS = [
  [0, 6],
  [7, 15],
  [16, 23],
] as const
const label = (step: number, verdict: 'present' | 'absent'): InterchangeTrace['annotations'][number] => ({
  start: STEPS[step]![0],
  end: STEPS[step]![1],
  behaviour: 'verification',
  verdict,
  annotator: 'Ann',
  at: null,
  target: null,
  note: '',
})
const exported = (annotations: InterchangeTrace['annotations'], prompt: string | null = 'What is 2 + 2?') =>
  toInterchange(
    {
      ...{ run: 'grpo', checkpoint: null, key: 'k-1', sample: null, prompt, response: TEXT, textHash: null },
      ...{ bounds: Uint32Array.from(STEPS.flat()), segmenter: 2, prediction: null, annotations },
      own: { labels: [], predictions: [] },
    },
    'code_points',
  )
const verification = (labels: Uint8Array) => [...labels].filter((_, at) => at % 4 === 0)

describe('Cairn’s own export as labels to measure on', () => {
  it('counts only the steps that somebody has judged, by what was said', () => {
    const read = readLabelledTrace(exported([label(0, 'absent'), label(1, 'present')]))!
    expect(verification(read.labels)).toEqual([0, 1, UNKNOWN_LABEL])
    expect(read).toMatchObject({ source: 'grpo', prompt: 'What is 2 + 2?', problem: 'What is 2 + 2?' })
  })

  it('leaves out a trace that nobody has labelled', () => {
    expect(readLabelledTrace(exported([]))).toBeNull()
  })

  it('counts every step of every row where it was read throughout', () => {
    const read = readLabelledTrace(exported([label(0, 'absent'), label(1, 'present')]), false)!
    expect(verification(read.labels)).toEqual([0, 1, 0])
    expect([...readLabelledTrace(exported([]), false)!.labels]).toEqual(new Array(12).fill(0))
  })

  it('tells problems apart by the key, or the text, where there is no prompt', () => {
    expect(readLabelledTrace(exported([label(1, 'present')], ''))!.problem).toBe('k-1')
    const keyless = { ...exported([label(1, 'present')], null), trace: { run: 'r' } }
    expect(readLabelledTrace(keyless)!.problem).toBe(TEXT)
  })
})

describe('rows that one person has read throughout', () => {
  const row = { text: TEXT, steps: STEPS.map((step) => [...step]) }

  it('count every step, also of a trace without any', () => {
    const annotations = [{ step: 1, start: 7, end: 15, behaviours: ['verification'] }]
    expect(verification(readLabelledTrace({ ...row, annotations, problem: 'p-1' })!.labels)).toEqual([
      0, 1, 0,
    ])
    const none = readLabelledTrace({ ...row, annotations: [], problem: '', prompt: null })!
    expect([...none.labels]).toEqual(new Array(12).fill(0))
    for (const judged of [true, false])
      expect(readLabelledTrace({ ...row, annotations, problem: 'p-1' }, judged)).toEqual(
        readLabelledTrace({ ...row, annotations, problem: 'p-1' }),
      )
    expect(none).toMatchObject({ problem: TEXT, prompt: '' })
  })
})
