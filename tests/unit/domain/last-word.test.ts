import { describe, expect, it } from 'vitest'
import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { evidenceOf } from '#shared/domain/curate/evidence.ts'
import { judgedLabels } from '#shared/domain/evaluation/judged.ts'
import { withLabels } from '#shared/domain/graph/labelled.ts'
import { lastWord } from '#shared/domain/last-word.ts'
import { lastWordChange } from '#shared/domain/verdict-change.ts'

const span = { start: 10, end: 20 }
const label = (
  id: number,
  annotator: string,
  verdict: Annotation['verdict'],
  more: Partial<Annotation> = {},
) =>
  ({
    ...{ id, ...span, traceId: 1, behaviour: 'verification', verdict, annotator, textHash: 'h' },
    ...{ at: `2026-01-0${id}T00:00:00.000Z`, target: null, note: '' },
    ...more,
  }) satisfies Annotation

const BOUNDS = Uint32Array.of(0, 10, 10, 20, 20, 30)
/** What labels say of verification, step by step. */
const truth = (labels: readonly Annotation[]) =>
  [...judgedLabels(BOUNDS, labels, true)].filter((_, at) => at % BEHAVIOURS.length === 0)

/** The same of recipes and of graphs, where nothing is predicted. */
const others = (labels: readonly Annotation[]) => {
  const text = 'One two 3.Four five.Six seven.'
  const trace = { response: text, bounds: BOUNDS, annotations: labels, metadata: {}, prediction: null }
  const { steps } = evidenceOf(trace as never, { annotations: 'first' } as never)
  const graph = withLabels(new Uint8Array(12), BOUNDS, labels)
  return [steps.map(({ shows }) => shows & 1), [0, 1, 2].map((step) => graph[step * BEHAVIOURS.length])]
}

describe('the last word on a step', () => {
  it('is the newest label that marks it, whoever gave it and however they came in', () => {
    const [ann, bob] = [label(1, 'Ann', 'present'), label(2, 'Bob', 'absent')]
    expect(lastWord([bob, ann], span, 'verification')).toBe(bob)
    // Imported later, said earlier.
    const old = label(3, 'Cem', 'present', { at: '2025-12-01T00:00:00.000+01:00' })
    expect(lastWord([ann, bob, old], span, 'verification')).toBe(bob)
    const same = label(4, 'Cem', 'present', { at: bob.at })
    expect(lastWord([same, bob], span, 'verification')).toBe(same)
  })

  it('is of labels of this behaviour that cover enough of the step', () => {
    const labels = [
      label(1, 'Ann', 'present'),
      label(2, 'Bob', 'absent', { behaviour: 'backtracking' }),
      label(3, 'Bob', 'absent', { start: 0, end: 12 }),
    ]
    expect(lastWord(labels, span, 'verification')).toBe(labels[0])
    expect(lastWord(labels, { start: 20, end: 30 }, 'verification')).toBeNull()
  })

  it('is what is learnt from and measured by, and what recipes and graphs are made of', () => {
    const wide = label(1, 'Ann', 'present', { start: 0, end: 30 })
    for (const [labels, said] of [
      [[wide], [1, 1, 1]],
      [
        [wide, label(2, 'Bob', 'absent')],
        [1, 0, 1],
      ],
      [
        [wide, label(2, 'Bob', 'absent'), label(3, 'Ann', 'present')],
        [1, 1, 1],
      ],
    ] as const) {
      expect(truth(labels)).toEqual(said)
      expect(others(labels)).toEqual([said, said])
    }
  })
})

describe('having the last word', () => {
  const judgement = { span, behaviour: 'verification', annotator: 'Ann', verdict: 'present' } as const

  it('takes a new label, or another verdict', () => {
    const bob = label(2, 'Bob', 'absent')
    expect(lastWordChange([bob], judgement)).toEqual({
      add: [{ span, behaviour: 'verification', verdict: 'present' }],
    })
    expect(lastWordChange([label(1, 'Ann', 'absent'), bob], judgement)).toEqual({
      update: [{ id: 1, verdict: 'present' }],
    })
  })

  it('says anew what one has said before others spoke, with all it told', () => {
    const ann = label(1, 'Ann', 'present', { note: 'a', target: { start: 0, end: 5 } })
    const bob = label(2, 'Bob', 'absent')
    expect(lastWordChange([ann, bob], judgement)).toEqual({
      remove: [1],
      add: [{ span, behaviour: 'verification', verdict: 'present', note: 'a', target: { start: 0, end: 5 } }],
    })
  })

  it('says anew what one has said before one said otherwise of another span', () => {
    const labels = [label(1, 'Ann', 'present'), label(2, 'Ann', 'absent', { start: 0, end: 20 })]
    expect(lastWordChange(labels, judgement)).toMatchObject({
      remove: [1],
      add: [{ span, verdict: 'present' }],
    })
  })

  it('takes nothing where one has it', () => {
    expect(lastWordChange([label(1, 'Bob', 'absent'), label(2, 'Ann', 'present')], judgement)).toEqual({})
  })
})
