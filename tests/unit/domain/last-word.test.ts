import { describe, expect, it } from 'vitest'
import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { evidenceOf } from '#shared/domain/curate/evidence.ts'
import { judgedLabels } from '#shared/domain/evaluation/judged.ts'
import { lastSaid } from '#shared/domain/last-said.ts'
import { withLabels } from '#shared/domain/graph/labelled.ts'
import { byAge, lastWord } from '#shared/domain/last-word.ts'
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
    // Two characters of the next step are no word about it.
    const over = { end: 22 }
    for (const [labels, said] of [
      [[wide], [1, 1, 1]],
      [
        [wide, label(2, 'Bob', 'absent', over)],
        [1, 0, 1],
      ],
      [
        [
          label(1, 'Ann', 'present', { start: 20, end: 30 }),
          label(2, 'Bob', 'absent', { start: 12, ...over }),
        ],
        [2, 0, 1],
      ],
      [[label(1, 'Ann', 'present', { start: 7, end: 14 })], [2, 1, 2]],
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
      // Recipes and graphs take what nobody has judged from predictions, of which there are none.
      const shown = said.map((one) => one % 2)
      expect(others(labels)).toEqual([shown, shown])
    }
  })

  it('is one order, also where only some labels have a time, which come after those without', () => {
    const [old, unknown, late] = [
      { id: 3, at: '2026-01-01T00:00:00.000Z' },
      { id: 2, at: null },
      { id: 1, at: '2026-01-02T00:00:00.000Z' },
    ]
    for (const labels of [
      [old, unknown, late],
      [late, unknown, old],
      [late, old, unknown],
    ])
      expect(labels.toSorted(byAge)).toEqual([unknown, old, late])
    expect([{ id: 2 }, { id: 1, at: 'some day' }].toSorted(byAge).map(({ id }) => id)).toEqual([1, 2])
  })

  it('of a label file is the newest too, with what has no time first', () => {
    const said = { ...span, behaviour: 'verification', annotator: 'Ann' }
    const late = { ...said, verdict: 'present' as const, at: '2026-01-02T00:00:00.000Z' }
    const unknown = { ...said, verdict: 'absent' as const, at: null }
    const old = { ...said, verdict: 'absent' as const, at: '2026-01-01T00:00:00.000Z' }
    expect(lastSaid([late, unknown, old])).toEqual([late])
    expect(lastSaid([unknown, { ...unknown, verdict: 'present' }])).toEqual([
      { ...unknown, verdict: 'present' },
    ])
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
