import { describe, expect, it } from 'vitest'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'
import {
  IMPLIED_ABSENT,
  judgedLabels,
  saidOfSteps,
  SILENT,
  type Said,
} from '#shared/domain/evaluation/judged.ts'

/** Four steps of ten units. */
const BOUNDS = Uint32Array.of(0, 10, 10, 20, 20, 30, 30, 40)
const on = (
  step: number,
  behaviour: Behaviour,
  verdict: Said['verdict'] = 'present',
  annotator = 'Ann',
): Said => ({ start: step * 10, end: step * 10 + 10, behaviour, verdict, annotator })
const every = (step: number, present: Behaviour | null, annotator = 'Ann') =>
  BEHAVIOURS.map((one) => on(step, one, one === present ? 'present' : 'absent', annotator))

const column = (all: Uint8Array, behaviour: Behaviour) =>
  [...all].filter((_, at) => at % BEHAVIOURS.length === BEHAVIOURS.indexOf(behaviour))

describe('what labels say of steps', () => {
  it('tells what is said outright from what only follows, and both from silence', () => {
    const said = saidOfSteps(BOUNDS, [
      on(0, 'verification'),
      on(1, 'backtracking'),
      on(2, 'verification', 'absent'),
    ])
    expect(column(said, 'verification')).toEqual([1, IMPLIED_ABSENT, 0, SILENT])
    expect(column(said, 'backtracking')).toEqual([IMPLIED_ABSENT, 1, SILENT, SILENT])
  })

  it('hears nothing in the silence of whoever judges steps as they come', () => {
    const said = saidOfSteps(BOUNDS, [...every(0, 'verification'), ...every(2, null)])
    expect(column(said, 'verification')).toEqual([1, UNKNOWN_LABEL, 0, UNKNOWN_LABEL])
    expect(column(said, 'backtracking')).toEqual([0, UNKNOWN_LABEL, 0, UNKNOWN_LABEL])
    // A step is judged whole by one person, not by several together.
    const [mine, yours] = [every(0, null).slice(0, 2), every(0, null, 'Bob').slice(2)]
    expect(column(saidOfSteps(BOUNDS, [...mine, ...yours]), 'verification')[3]).toBe(SILENT)
    // One label of what is seen, and silence may mean something again.
    expect(column(saidOfSteps(BOUNDS, [...every(0, null), on(1, 'backtracking')]), 'verification')[3]).toBe(
      SILENT,
    )
  })

  it('counts a step that shows a behaviour as judged for all, or every step', () => {
    const labels = [on(0, 'verification'), on(1, 'backtracking', 'absent')]
    expect(column(judgedLabels(BOUNDS, labels, true), 'backtracking')).toEqual([0, 0, 2, 2])
    expect(column(judgedLabels(BOUNDS, labels, true), 'verification')).toEqual([1, 2, 2, 2])
    expect(column(judgedLabels(BOUNDS, labels, false), 'verification')).toEqual([1, 0, 0, 0])
  })
})
