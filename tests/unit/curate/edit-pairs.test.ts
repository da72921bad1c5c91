import { describe, expect, it } from 'vitest'
import { editPairs } from '#shared/domain/curate/edit-pairs.ts'
import { trace as traceOf } from './traces.ts'

const STEPS = ['Step 1: two and two.', 'Step 2: that is five.', 'Step 3: so five.']
const trace = (metadata: object) =>
  traceOf({ response: STEPS.join('\n'), metadata: { steps: STEPS, ...metadata } })
const rows = { kind: 'edit_pairs', per_trace: 4, revised: 'fixed' } as const

describe('pairs from edits', () => {
  it('set the revised step against the original, after the text before it', () => {
    const pairs = editPairs(
      trace({ first_error_step: '2', fixed: ['Step 2: that is four.\n', 'Step 2: four.', 'Step 2: four.'] }),
      { ...rows, step: 'first_error_step' },
    )
    expect(pairs).toEqual([
      { shared: `${STEPS[0]!}\n`, chosen: 'Step 2: that is four.', rejected: STEPS[1] },
      { shared: `${STEPS[0]!}\n`, chosen: 'Step 2: four.', rejected: STEPS[1] },
    ])
  })

  it('take the whole response where no step is named', () => {
    expect(editPairs(trace({ fixed: 'Four.' }), rows)).toEqual([
      { shared: '', chosen: 'Four.', rejected: STEPS.join('\n') },
    ])
  })

  it('are none without a revision, a step, or a difference', () => {
    const none = [
      [{}, {}],
      [{ fixed: 'x', mistake_index: null }, { step: 'mistake_index' }],
      [{ fixed: 'x', mistake_index: 9 }, { step: 'mistake_index' }],
      [{ fixed: ` ${STEPS[1]!} `, mistake_index: 1 }, { step: 'mistake_index' }],
      [{ fixed: STEPS.join('\n') }, {}],
    ] as const
    for (const [metadata, more] of none) expect(editPairs(trace(metadata), { ...rows, ...more })).toEqual([])
  })

  it('tell equal steps apart by those before them', () => {
    const steps = ['Again.', 'Again.', 'Done.']
    const again = traceOf({
      response: steps.join('\n'),
      metadata: { steps, fixed: 'Otherwise.', mistake_index: 1 },
    })
    expect(editPairs(again, { ...rows, step: 'mistake_index' })[0]!.shared).toBe('Again.\n')
  })
})
