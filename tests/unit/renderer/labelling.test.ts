import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Annotation } from '#shared/contract/labels.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { withBorn, type Post } from '../../../src/renderer/src/app/outbox-store.ts'
import { edited, shown, withEdits } from '../../../src/renderer/src/features/trace/label-edits.ts'
import { linksOf } from '../../../src/renderer/src/features/trace/label-links.ts'
import { placeBar } from '../../../src/renderer/src/features/trace/selection-place.ts'
import { moveEdge, type Edge, type Unit } from '../../../src/renderer/src/features/trace/span-edit.ts'

const pieces = fc.constantFrom(
  'Wait',
  ', ',
  '. ',
  '\n',
  '\n\n',
  ' ',
  '😀',
  '👩‍👩‍👧',
  'e\u0301',
  '42',
  'x = 7',
  '…',
  'ß',
)
const texts = fc.array(pieces, { minLength: 1, maxLength: 60 }).map((parts) => parts.join(''))
const edges = fc.constantFrom<Edge>('start', 'end')
const units = fc.constantFrom<Unit>('step', 'word', 'character')

describe('an edge of a label that is moved', () => {
  const boundaries = (text: string) =>
    new Set(
      [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].map(({ index }) => index),
    )

  it('stays in the text, leaves something, moves as told, and cuts no character', () => {
    fc.assert(
      fc.property(
        texts,
        edges,
        units,
        fc.constantFrom(1 as const, -1 as const),
        fc.nat(),
        fc.nat(),
        (...given) => {
          const [text, edge, unit, direction, a, b] = given
          const whole = [...boundaries(text), text.length]
          const [start, end] = [whole[a % whole.length]!, whole[b % whole.length]!].sort((x, y) => x - y)
          fc.pre(start! < end!)
          const span = { start: start!, end: end! }
          const moved = moveEdge(text, segment(text), span, edge, unit, direction)
          if (moved === null) return
          const other = edge === 'start' ? 'end' : 'start'
          expect(moved[other]).toBe(span[other])
          expect(Math.sign(moved[edge] - span[edge])).toBe(direction)
          expect(moved.start).toBeGreaterThanOrEqual(0)
          expect(moved.end).toBeLessThanOrEqual(text.length)
          expect(moved.start).toBeLessThan(moved.end)
          if (unit !== 'step') expect([...boundaries(text), text.length]).toContain(moved[edge])
        },
      ),
    )
  })

  it('comes to every step, and back', () => {
    const text = 'One. Two here. Three!\n\nFour. Five.'
    const bounds = segment(text)
    let span = { start: bounds[0]!, end: bounds[1]! }
    const ends = []
    for (let next = moveEdge(text, bounds, span, 'end', 'step', 1); next !== null;) {
      ends.push(next.end)
      span = next
      next = moveEdge(text, bounds, span, 'end', 'step', 1)
    }
    expect(ends).toEqual([...bounds].filter((_, index) => index % 2 === 1).slice(1))
    expect(moveEdge(text, bounds, { start: 0, end: 2 }, 'end', 'step', 1)).toEqual({
      start: 0,
      end: bounds[1],
    })
    expect(moveEdge(text, bounds, { start: 0, end: bounds[1]! }, 'end', 'step', -1)).toBeNull()
    expect(moveEdge(text, bounds, { start: 7, end: bounds[3]! }, 'start', 'step', -1)?.start).toBe(bounds[2])
  })

  it('moves over words and whole characters', () => {
    const text = 'so 👩‍👩‍👧 wins'
    const none = new Uint32Array(0)
    const end = (to: number, unit: Unit, direction: 1 | -1) =>
      moveEdge(text, none, { start: 0, end: to }, 'end', unit, direction)?.end
    expect(end(2, 'character', 1)).toBe(11)
    expect(end(2, 'word', 1)).toBe(11)
    expect(end(11, 'word', 1)).toBe(16)
    expect(end(16, 'character', -1)).toBe(15)
    expect(end(16, 'word', 1)).toBeUndefined()
  })
})

const label = (id: number, start: number, end: number, more: Partial<Annotation> = {}): Annotation => ({
  ...{ id, start, end, traceId: 1, behaviour: 'verification', verdict: 'present', annotator: 'me' },
  ...{ at: '', textHash: 'h', target: null, note: '' },
  ...more,
})
const by = { traceId: 1, annotator: 'me', textHash: 'h' }

describe('labels under way', () => {
  it('show as they will be, in the order of the text, whatever order they were made in', () => {
    const stored = [label(1, 0, 5), label(2, 10, 12)]
    const added = edited(
      stored,
      { add: [{ span: { start: 6, end: 8 }, behaviour: 'backtracking' }] },
      [-1],
      by,
    )
    const once = shown(stored, [added])
    expect(once.map(({ id }) => id)).toEqual([1, -1, 2])
    const changed = edited(once, { update: [{ id: -1, span: { start: 0, end: 2 } }], remove: [2] }, [], by)
    expect(shown(stored, [added, changed]).map(({ id, end }) => [id, end])).toEqual([
      [-1, 2],
      [1, 5],
    ])
  })

  it('date what is said anew as of now, and nothing else', () => {
    type Update = Omit<NonNullable<Parameters<typeof edited>[1]['update']>[number], 'id'>
    const edit = (update: Update) =>
      edited([label(1, 0, 5)], { update: [{ id: 1, ...update }] }, [], by).put[0]!.at
    for (const same of [{ note: 'x' }, { target: { start: 0, end: 0 } }])
      expect(edit(same)).toBe(label(1, 0, 5).at)
    const anew: Update[] = [
      { verdict: 'absent' },
      { behaviour: 'backtracking' },
      { span: { start: 0, end: 9 } },
    ]
    for (const update of anew) expect(Date.parse(edit(update))).not.toBeNaN()
  })

  it('leave out what is gone', () => {
    const edit = edited([label(1, 0, 5)], { update: [{ id: 7, note: 'x' }], remove: [8] }, [], by)
    expect(edit).toEqual({ put: [], drop: [], changes: [] })
    const all = [label(1, 0, 5)]
    expect(withEdits(all, [], [])).toBe(all)
  })

  it('that wait to be sent know labels by the ids they were given meanwhile', () => {
    const post = (input: object, unborn: number[] = []): Post =>
      ({ token: '', method: 'labels.apply', input, title: '', unborn, sent: false }) as unknown as Post
    const added = post({ traceId: 1, annotator: 'me', add: [{}, {}] }, [-1, -2])
    const later = [
      post({ traceId: 1, annotator: 'me', update: [{ id: -2, note: 'x' }, { id: 4 }], remove: [-1, 9] }),
      { ...post({}), method: 'notes.set', input: { traceId: 1, text: 'n', annotator: 'me' } } as Post,
    ]
    const answer = { added: [label(31, 0, 1), label(32, 0, 1)], updated: [], removed: [] }
    const [change, note] = withBorn(later, added, answer)
    expect(change!.input).toMatchObject({ update: [{ id: 32, note: 'x' }, { id: 4 }], remove: [31, 9] })
    expect(note).toEqual(later[1])
  })
})

describe('badges of targets', () => {
  const stepsOf = ({ start, end }: { start: number; end: number }) => ({
    first: Math.floor(start / 10),
    last: Math.floor((end - 1) / 10),
  })

  it('lead from the label to its target and back', () => {
    const links = linksOf(
      [
        label(1, 40, 50, { behaviour: 'backtracking', target: { start: 10, end: 30 } }),
        label(2, 60, 70, { target: { start: 0, end: 0 } }),
        label(3, 60, 70),
        label(4, 80, 90, { verdict: 'absent', target: { start: 0, end: 10 } }),
      ],
      stepsOf,
    )
    expect(links.map(({ step, text, words }) => [step, text, words])).toEqual([
      [2, '← 5', 'Step 5 returns to steps 2–3'],
      [4, '↩ 2–3', 'Returns to steps 2–3'],
      [6, '✓ problem', 'Checks the problem'],
    ])
  })
})

describe('the bar beside a selection', () => {
  const boxes = fc
    .tuple(fc.integer({ min: -300, max: 900 }), fc.integer({ min: 1, max: 30 }))
    .map(([top, lines]) =>
      Array.from({ length: lines }, (_, line) => ({
        ...{ left: 100, right: 600 },
        ...{ top: top + line * 27, bottom: top + line * 27 + 20 },
      })),
    )
  const frame = { left: 0, top: 48, right: 900, bottom: 720 }

  it('stays in the frame, and covers no selected line unless they fill the frame', () => {
    fc.assert(
      fc.property(boxes, fc.integer({ min: 4, max: 40 }), (lines, gap) => {
        const size = { width: 240, height: 40 }
        const place = placeBar(lines, frame, size, gap)
        const inSight = lines.some(({ top, bottom }) => bottom > frame.top && top < frame.bottom)
        expect(place === null).toBe(!inSight)
        if (place === null) return
        expect(place.top).toBeGreaterThanOrEqual(frame.top)
        expect(place.top + size.height).toBeLessThanOrEqual(frame.bottom)
        expect(place.left).toBeGreaterThanOrEqual(frame.left)
        const covers = lines.some(({ top, bottom }) => top < place.top + size.height && bottom > place.top)
        const seen = lines.filter(({ top, bottom }) => bottom > frame.top && top < frame.bottom)
        const above = seen[0]!.top - frame.top
        const below = frame.bottom - seen.at(-1)!.bottom
        if (Math.max(above, below) >= size.height + gap + 8) expect(covers).toBe(false)
      }),
    )
  })
})
