import { describe, expect, it } from 'vitest'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import type { AppContext } from '../../../src/renderer/src/app/context.ts'
import { createLabelling } from '../../../src/renderer/src/features/trace/labelling.ts'
import type { LabelChange } from '../../../src/renderer/src/features/trace/labels.svelte.ts'
import type { Trace } from '../../../src/renderer/src/features/trace/trace.svelte.ts'

/** The cursor is on the first step of two; the second is asked for. */
const CURSOR = { start: 0, end: 10 }
const ASKED = { start: 10, end: 20 }

function labelling(
  labels: { behaviour: Behaviour; verdict: 'present' | 'absent'; annotator: string }[] = [],
) {
  const changes: LabelChange[] = []
  const trace = {
    steps: 2,
    detail: { textHash: 'h' },
    rangeSpan: () => CURSOR,
    choose: () => undefined,
    labels: {
      all: labels.map((one, id) => ({ ...one, ...ASKED, id })),
      apply(change: LabelChange) {
        changes.push(change)
        return { ids: [], done: Promise.resolve() }
      },
    },
  }
  const app = { session: { annotator: 'Ann' }, toasts: { show: () => undefined } }
  const made = createLabelling(
    app as unknown as AppContext,
    () => trace as unknown as Trace,
    () => null,
  )
  return { made, said: () => changes.flatMap(({ add = [] }) => add) }
}

describe('a step that is asked for', () => {
  it('is the one that shows none, wherever the cursor is', () => {
    const { made, said } = labelling()
    made.none(ASKED)
    expect(said()).toEqual(BEHAVIOURS.map((behaviour) => ({ span: ASKED, behaviour, verdict: 'absent' })))
  })

  it('is judged whole when one goes on after labelling it', () => {
    const { made, said } = labelling([
      { behaviour: 'verification', verdict: 'present', annotator: 'Ann' },
      { behaviour: 'backtracking', verdict: 'present', annotator: 'Bob' },
      { behaviour: 'subgoal_setting', verdict: 'absent', annotator: 'Ann' },
    ])
    made.settle(ASKED)
    expect(said()).toEqual(
      ['backtracking', 'backward_chaining'].map((behaviour) => ({
        span: ASKED,
        behaviour,
        verdict: 'absent',
      })),
    )
  })

  it('is passed over where one has labelled nothing on it', () => {
    const { made, said } = labelling([
      { behaviour: 'verification', verdict: 'present', annotator: 'Bob' },
      { behaviour: 'backtracking', verdict: 'absent', annotator: 'Ann' },
    ])
    made.settle(ASKED)
    expect(said()).toEqual([])
  })
})
