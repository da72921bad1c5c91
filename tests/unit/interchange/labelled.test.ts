import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromLabelledRow, labelRowKind } from '#shared/domain/interchange/labelled.ts'
import { fromInterchange } from '#shared/domain/interchange/read.ts'
import { isProblemTarget } from '#shared/domain/interchange/types.ts'
import { toInterchange } from '#shared/domain/interchange/write.ts'
import type { Json } from '#shared/domain/trace.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'

const ROW = {
  id: 'x#1',
  model: 'some-model',
  text: '😀 First. Check it. No, back.',
  steps: [
    [0, 8],
    [9, 18],
    [19, 28],
  ] as [number, number][],
  annotations: [
    { step: 1, start: 9, end: 18, behaviours: ['verification', 'subgoal_setting'], verifies: 0 },
    {
      step: 2,
      start: 19,
      end: 28,
      behaviours: ['verification', 'backtracking'],
      verifies: 1,
      returns_to: -1,
    },
    { step: 2, start: 19, end: 28, behaviours: ['verification'] },
  ],
}

describe('fromLabelledRow', () => {
  it('makes one annotation of each behaviour, with its own target', () => {
    const trace = fromLabelledRow(ROW)
    expect([...trace.bounds!]).toEqual([0, 9, 10, 19, 20, 29])
    expect(
      trace.annotations.map(({ start, end, behaviour, target }) => [start, end, behaviour, target]),
    ).toEqual([
      [10, 19, 'verification', { start: 0, end: 9 }],
      [10, 19, 'subgoal_setting', null],
      [20, 29, 'verification', { start: 10, end: 19 }],
      [20, 29, 'backtracking', { start: 0, end: 0 }],
      [20, 29, 'verification', null],
    ])
    expect(trace).toMatchObject({ run: 'some-model', key: 'x#1', textHash: null, prediction: null })
    expect(trace.annotations[0]).toMatchObject({ annotator: 'unnamed', at: null, verdict: 'present' })
  })

  it.each(['', ' \n', null, undefined])('has “unnamed” for an annotator called %j', (annotator) => {
    expect(fromLabelledRow({ ...ROW, annotator }).annotations[0]).toMatchObject({ annotator: 'unnamed' })
  })

  it.each([
    ['annotations[0].verifies', { verifies: 3 }],
    ['annotations[0].returns_to', { returns_to: -2 }],
    ['annotations[0].end', { end: 400 }],
    ['annotations[0].behaviours[0]', { behaviours: ['V'] }],
  ])('names %s when it does not fit', (field, change) => {
    const row = { ...ROW, annotations: [{ ...ROW.annotations[0], ...change }] }
    expect(() => fromLabelledRow(row)).toThrow(
      expect.objectContaining({ code: 'bad_request', details: { field } }),
    )
  })

  it('is told apart from the interchange format', () => {
    expect(labelRowKind(ROW)).toBe('labelled')
    expect(
      labelRowKind(JSON.parse(JSON.stringify(toInterchange(fromLabelledRow(ROW), 'utf16'))) as Json),
    ).toBe('interchange')
    for (const other of [null, 1, [], { text: 'a', steps: [] }, { annotations: [] }]) {
      expect(labelRowKind(other)).toBeNull()
    }
  })
})

describe.skipIf(!hasSharedData).each(['train', 'dev'])('real labels: %s', (name) => {
  const rows = hasSharedData ? readRows(`${SHARED_DATA}/labels/${name}.jsonl`) : []

  it('are read whole and survive every unit', () => {
    for (const row of rows) {
      const trace = fromLabelledRow(row)
      const expected = row.annotations.reduce((sum, { behaviours }) => sum + behaviours.length, 0)
      expect(trace.annotations.length).toBe(expected)
      const points = [...row.text]
      const [first] = row.annotations
      if (first) {
        const { start, end } = trace.annotations[0]!
        expect(trace.response.slice(start, end)).toBe(points.slice(first.start, first.end).join(''))
      }
      for (const unit of ['code_points', 'utf16', 'utf8_bytes'] as const) {
        expect(fromInterchange(JSON.parse(JSON.stringify(toInterchange(trace, unit))))).toEqual(trace)
      }
    }
  })

  it('keep every return to the problem', () => {
    const marked = rows.flatMap(({ annotations }) =>
      annotations.flatMap(({ behaviours, verifies, returns_to }) => [
        behaviours.includes('verification') && verifies === -1,
        behaviours.includes('backtracking') && returns_to === -1,
      ]),
    )
    const kept = rows.flatMap((row) =>
      fromLabelledRow(row).annotations.filter(({ target }) => target && isProblemTarget(target)),
    )
    expect(kept.length).toBe(marked.filter(Boolean).length)
    expect(kept.length).toBeGreaterThan(0)
  })
})

interface LabelledRow {
  text: string
  annotations: { start: number; end: number; behaviours: string[]; verifies?: number; returns_to?: number }[]
}

function readRows(path: string): LabelledRow[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as LabelledRow)
}
