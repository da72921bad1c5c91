import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { blockAt, makeBlocks } from '#renderer/features/trace/blocks.ts'
import { indexLabels } from '#renderer/features/trace/label-index.ts'
import { mergeLabels } from '#renderer/features/trace/label-marks.ts'
import {
  DENIED,
  labelledMarks,
  nextMarked,
  PREDICTED,
  predictedMarks,
  PRESENT,
  stepMarks,
} from '#renderer/features/trace/marks.ts'
import { cutPieces } from '#renderer/features/trace/pieces.ts'
import { createRowMemo } from '#renderer/features/trace/row-memo.ts'
import { trimSpan } from '#renderer/features/trace/text-selection.ts'

function label(id: number, start: number, end: number, part: Partial<Annotation> = {}): Annotation {
  return {
    id,
    traceId: 1,
    start,
    end,
    behaviour: 'verification',
    verdict: 'present',
    annotator: 'me',
    at: '2026-01-01T00:00:00.000Z',
    textHash: '',
    target: null,
    note: '',
    ...part,
  }
}

const labels = fc
  .array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 60 }), fc.constantFrom(...BEHAVIOURS)), {
    maxLength: 30,
  })
  .map((list) =>
    list.map(([start, length, behaviour], id) => label(id, start, start + length, { behaviour })),
  )

describe('blocks', () => {
  const piece = fc.constantFrom('a', 'word ', '\n', '\n\n', '😀', '  x', '\t', 'long'.repeat(2000))

  it('keep every character of a text without steps but its line breaks', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
        const text = parts.join('')
        const { count, start, end } = makeBlocks(text, null)
        let kept = ''
        for (let row = 0; row < count; row++) kept += text.slice(start[row], end[row])
        expect(kept).toBe(text.replaceAll('\n', ''))
      }),
    )
  })

  it('never cut a surrogate pair, and stay short enough to lay out', () => {
    const text = '😀'.repeat(9000)
    const { count, start, end } = makeBlocks(text, Uint32Array.from([0, text.length]))
    expect(count).toBeGreaterThan(1)
    for (let row = 0; row < count; row++) {
      expect(end[row]! - start[row]!).toBeLessThanOrEqual(4000)
      expect(text.slice(start[row], end[row]).isWellFormed()).toBe(true)
    }
  })

  it('know the space and the indent that the gaps between steps took', () => {
    const text = 'One.  Two.\n    three\n\nFour'
    const { gap, indent, firstOfStep } = makeBlocks(text, Uint32Array.from([0, 4, 6, 10, 15, 20, 22, 26]))
    expect([...gap]).toEqual([0, 0, 1, 2])
    expect([...indent]).toEqual([0, 0, 4, 0])
    expect([...firstOfStep]).toEqual([0, 1, 2, 3])
  })

  it('are found by an offset', () => {
    const blocks = makeBlocks('One.  Two.', Uint32Array.from([0, 4, 6, 10]))
    expect([0, 3, 4, 5, 6, 9].map((offset) => blockAt(blocks, offset))).toEqual([0, 0, 0, 0, 1, 1])
  })
})

describe('pieces', () => {
  it('are the text, each under exactly what labels and the model say of it', () => {
    fc.assert(
      fc.property(labels, fc.nat(150), fc.integer({ min: 1, max: 80 }), (all, start, length) => {
        const text = 'x'.repeat(length)
        const marks = indexLabels(all).marks(start, start + length)
        const pieces = cutPieces(text, start, marks, ['backtracking'])
        expect(pieces.map((one) => one.text).join('')).toBe(text)
        let at = start
        for (const { text: part, layers, start: from } of pieces) {
          expect(from).toBe(at)
          const here = all.filter((one) => one.start <= at && one.end > at)
          const drawn = layers.filter(({ by }) => by === 'person')
          const said = new Set(here.map(({ behaviour }) => behaviour))
          expect(drawn.map(({ behaviour }) => behaviour).toSorted()).toEqual([...said].toSorted())
          for (const { behaviour, depth } of drawn)
            expect(depth).toBe(Math.min(3, here.filter((one) => one.behaviour === behaviour).length))
          const lanes = layers.map(({ lane }) => lane)
          expect(new Set(lanes).size).toBe(lanes.length)
          at += part.length
        }
      }),
    )
  })

  it('stay few where hundreds of labels lie on one another', () => {
    const all = Array.from({ length: 500 }, (_, id) =>
      label(id, id % 37, 40 + (id % 61), { behaviour: BEHAVIOURS[id % 4]! }),
    )
    const pieces = cutPieces('x'.repeat(120), 0, indexLabels(all).marks(0, 120), [])
    expect(pieces.length).toBeLessThan(60)
    expect(Math.max(...pieces.map(({ layers }) => layers.length))).toBeLessThanOrEqual(4)
  })

  it('take a formula as one, unless a label begins or ends in it', () => {
    const text = String.raw`so \(x^2 + 1\) is`.replaceAll('\\\\', '\\')
    const whole = cutPieces(text, 10, [], [], true)
    expect(whole.map((one) => [one.start, one.formula?.tex ?? null])).toEqual([
      [10, null],
      [13, 'x^2 + 1'],
      [24, null],
    ])
    const cut = cutPieces(text, 10, indexLabels([label(1, 15, 18)]).marks(10, 40), [], true)
    expect(cut.every(({ formula }) => formula === null)).toBe(true)
    expect(cut.map((one) => one.text).join('')).toBe(text)
  })

  it('come back as the same object while nothing about them changes', () => {
    const memo = createRowMemo()
    const one = label(1, 0, 5)
    const pieces = (all: Annotation[], formulas = false) =>
      memo.pieces(0, 'some text', 0, indexLabels(all).marks(0, 9), ['verification'], formulas)
    const first = pieces([one])
    expect(pieces([one, label(2, 50, 60)])).toBe(first)
    expect(pieces([one, label(3, 2, 4)])).not.toBe(first)
    expect(pieces([one], true)).not.toBe(first)
  })
})

describe('label index', () => {
  it('finds and counts what touches a range, as looking at all would', () => {
    fc.assert(
      fc.property(labels, fc.nat(200), fc.integer({ min: 1, max: 60 }), (all, start, length) => {
        const end = start + length
        const index = indexLabels(all)
        const found = index.touching(start, end).map(({ annotation }) => annotation.id)
        const wanted = all.filter((one) => one.start < end && one.end > start).map(({ id }) => id)
        expect(found.toSorted((a, b) => a - b)).toEqual(wanted)
        expect(index.countIn(start, end)).toBe(wanted.length)
      }),
    )
  })

  it('gives the marks of a range as merging all labels would', () => {
    fc.assert(
      fc.property(labels, fc.nat(200), fc.integer({ min: 1, max: 60 }), (all, start, length) => {
        const end = start + length
        const merged = mergeLabels(all.toSorted((a, b) => a.start - b.start))
        const wanted = merged.filter((one) => one.start < end && one.end > start)
        expect(indexLabels(all).marks(start, end)).toEqual(wanted)
      }),
    )
  })

  it('gives behaviours that overlap different lines, and one behaviour one line', () => {
    const marks = indexLabels([
      label(1, 0, 10),
      label(2, 5, 15, { behaviour: 'backtracking' }),
      label(3, 12, 20),
      label(4, 14, 30),
    ]).marks(0, 40)
    expect(marks.map(({ start, end, lane, depth }) => [start, end, lane, depth])).toEqual([
      [0, 10, 0, 1],
      [5, 15, 1, 1],
      [12, 14, 0, 1],
      [14, 20, 0, 2],
      [20, 30, 0, 1],
    ])
  })
})

describe('marks', () => {
  const bounds = Uint32Array.from([0, 4, 5, 9, 10, 14])
  const probabilities = Float32Array.from([0.9, 0, 0, 0, 0.2, 0.8, 0, 0, 0, 0, 0, 0])
  const predicted = predictedMarks(3, probabilities, [0.5, 0.5, 0.5, 0.5])
  const marksOf = (labels: readonly Annotation[]) => stepMarks(predicted, labelledMarks(bounds, labels))

  it('tell predictions, labels and rejections apart', () => {
    const marks = marksOf([label(1, 0, 4), label(2, 7, 12, { behaviour: 'backtracking', verdict: 'absent' })])
    expect([...marks]).toEqual([PREDICTED | PRESENT, 0, 0, 0, 0, PREDICTED | DENIED, 0, 0, 0, DENIED, 0, 0])
  })

  it('follow the newest label where people disagree', () => {
    const [old, late] = [{ at: '2026-01-01T00:00:00.000Z' }, { at: '2026-01-02T00:00:00.000Z' }]
    const marks = marksOf([
      label(1, 0, 4, { verdict: 'absent', ...late }),
      label(2, 0, 9, { annotator: 'other', ...old }),
      label(3, 5, 9, { verdict: 'absent', ...old }),
      label(4, 5, 9, { ...late }),
    ])
    expect([marks[0], marks[4]]).toEqual([PREDICTED | DENIED, PRESENT])
  })

  it('do not spread to the step after the one a label ends with', () => {
    expect([...labelledMarks(bounds, [label(1, 0, 5)]).subarray(0, 5)]).toEqual([PRESENT, 0, 0, 0, 0])
  })

  it('pass over a newer label that only touches a step', () => {
    const touching = label(2, 8, 14, { verdict: 'absent', at: '2026-01-02T00:00:00.000Z' })
    const marks = labelledMarks(bounds, [label(1, 5, 9), touching])
    expect([marks[4], marks[8]]).toEqual([PRESENT, DENIED])
  })

  it('lead from one to the next', () => {
    const marks = marksOf([])
    expect(nextMarked(marks, 0, 1)).toBe(1)
    expect(nextMarked(marks, 1, 1)).toBeNull()
    expect(nextMarked(marks, 2, -1)).toBe(1)
  })
})

describe('a selected span', () => {
  it('leaves the white space at its ends, and is nothing without a letter', () => {
    expect(trimSpan('ab  cd ', { start: 2, end: 7 })).toEqual({ start: 4, end: 6 })
    expect(trimSpan('ab  cd', { start: 2, end: 4 })).toBeNull()
  })
})
