import { describe, expect, it, vi } from 'vitest'
import type { AppContext } from '#renderer/app/context.ts'
import { createJudging } from '#renderer/features/models/judging.ts'
import { createLabelling } from '#renderer/features/trace/labelling.ts'
import type { Trace } from '#renderer/features/trace/trace.svelte.ts'
import type { ApiInput } from '#shared/contract/index.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { Difference } from '#shared/contract/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { verdictChange } from '#shared/domain/verdict-change.ts'

type Change = Pick<ApiInput<'labels.apply'>, 'add' | 'update' | 'join'>

const span = { start: 10, end: 20 }
const label = (id: number, more: Partial<Annotation> = {}): Annotation => ({
  ...{ id, ...span, traceId: 1, behaviour: 'verification', verdict: 'present', annotator: 'me' },
  ...{ at: '', textHash: 'h', target: null, note: '' },
  ...more,
})

describe('a verdict', () => {
  const judgement = { span, behaviour: 'verification', annotator: 'me', verdict: 'absent' } as const
  const others = [
    label(1, { end: 19 }),
    label(2, { behaviour: 'backtracking' }),
    label(3, { annotator: 'you' }),
  ]

  it('is a new label where one has none of exactly this span', () => {
    expect(verdictChange(others, judgement)).toEqual({
      add: [{ span, behaviour: 'verification', verdict: 'absent' }],
    })
  })

  it('changes one’s own label, and nothing where it is said already', () => {
    expect(verdictChange([...others, label(4)], judgement)).toEqual({
      update: [{ id: 4, verdict: 'absent' }],
    })
    expect(verdictChange([...others, label(4)], { ...judgement, verdict: 'present' })).toEqual({})
  })

  it('leaves none that says otherwise of those that an older Cairn left beside one another', () => {
    expect(verdictChange([label(4), label(5, { verdict: 'absent' })], judgement)).toEqual({
      update: [{ id: 4, verdict: 'absent' }],
    })
  })
})

/** An engine with the labels of one trace, which takes its time. */
function fakeApp(labels: readonly Annotation[] = []) {
  let stored = labels
  let unborn = -1
  let sent = Promise.resolve()
  const change = ({ add = [], update = [] }: Change) => {
    stored = [
      ...stored.map((one) => ({ ...one, ...update.find(({ id }) => id === one.id) }) as Annotation),
      ...add.map(({ verdict = 'present' }, at) => label(stored.length + at + 1, { verdict })),
    ]
  }
  const send = vi.fn((_method: string, input: Change) => {
    sent = sent.then(() => new Promise((done) => setTimeout(done, 2))).then(() => change(input))
    return sent
  })
  const app = {
    engine: { call: () => Promise.resolve(stored) },
    outbox: { send, settled: () => sent, unborn: () => unborn-- },
    session: { annotator: 'me' },
    toasts: { show: vi.fn(), fail: vi.fn() },
  }
  return {
    app: app as unknown as AppContext,
    send,
    toasts: app.toasts,
    said: () => stored.map(({ annotator, verdict }) => `${annotator} ${verdict}`),
  }
}

describe('steps on which models differ', () => {
  const difference = { traceId: 1, ...span, behaviour: 'verification', truth: null } as unknown as Difference

  it('have one verdict of a person, however often and fast it changes', async () => {
    const { app, said } = fakeApp()
    const judge = createJudging(app)
    await Promise.all([
      judge(difference, 'present'),
      judge({ ...difference, truth: 'present' }, 'absent'),
      judge({ ...difference, truth: 'absent' }, 'present'),
      judge({ ...difference, truth: 'present' }, 'absent'),
    ])
    expect(said()).toEqual(['me absent'])
  })

  it('that another person has judged get a label of one’s own, once', async () => {
    const { app, said } = fakeApp([label(1, { annotator: 'you' })])
    const judge = createJudging(app)
    const judged = { ...difference, truth: 'present' } as const
    await Promise.all([judge(judged, 'present'), judge(judged, 'absent')])
    expect(said()).toEqual(['you present', 'me absent'])
  })

  it('are given to be kept at once where nobody has said anything of them', () => {
    const { app, send } = fakeApp()
    void createJudging(app)(difference, 'present')
    expect(send).toHaveBeenCalledOnce()
  })

  it('can be judged after a verdict that was refused, which is told', async () => {
    const { app, send, said } = fakeApp([label(1)])
    const judge = createJudging(app)
    const judged = { ...difference, truth: 'present' } as const
    send.mockRejectedValueOnce(new Error('refused'))
    await expect(judge(judged, 'absent')).rejects.toThrow('refused')
    await judge(judged, 'absent')
    expect(said()).toEqual(['me absent'])
  })
})

/** A step that is asked for, where the cursor is not. */
const asked = { start: 20, end: 30 }

const labelling = (labels: readonly Annotation[], done = Promise.resolve()) => {
  const { app, toasts } = fakeApp()
  const apply = vi.fn((change: Change) => ({ ids: (change.add ?? []).map((_, at) => -1 - at), done }))
  const choose = vi.fn()
  const trace = {
    ...{ steps: 3, rangeSpan: () => span, detail: { textHash: 'h' }, choose },
    // The engine has named the label that -7 stood for.
    labels: { all: labels, apply, get: (id: number) => labels.find((one) => one.id === Math.abs(id)) },
  } as unknown as Trace
  return {
    ...createLabelling(
      app,
      () => trace,
      () => null,
    ),
    apply,
    choose,
    toasts,
  }
}

describe('“none of the four” of a step', () => {
  it('denies all, and changes what one has said of it before', () => {
    const { none, apply, choose } = labelling([label(7), label(8, { annotator: 'you' })])
    none(span)
    const [change] = apply.mock.calls[0]!
    expect(change.update).toEqual([{ id: 7, verdict: 'absent' }])
    expect(change.add?.map(({ behaviour, verdict }) => [behaviour, verdict])).toEqual(
      BEHAVIOURS.filter((one) => one !== 'verification').map((one) => [one, 'absent']),
    )
    expect(choose).toHaveBeenCalledWith(-1)
  })

  it('is said once', () => {
    const { none, apply } = labelling(
      BEHAVIOURS.map((behaviour, at) => label(at, { behaviour, verdict: 'absent' })),
    )
    none(span)
    expect(apply).not.toHaveBeenCalled()
  })

  it('tells when it is refused', async () => {
    const refusal = new Error('The text is another one.')
    const { none, toasts } = labelling([], Promise.reject(refusal))
    none(span)
    await expect.poll(() => toasts.fail.mock.calls).toEqual([[refusal]])
  })

  it('is said of the step that is asked for, wherever the cursor is', () => {
    const { none, apply } = labelling([])
    none(asked)
    expect(apply.mock.calls[0]![0].add).toEqual(
      BEHAVIOURS.map((behaviour) => ({ span: asked, behaviour, verdict: 'absent' })),
    )
  })
})

describe('going on from a step that is asked for', () => {
  it('judges it whole where one has labelled it', () => {
    const { settle, apply } = labelling([
      label(1, asked),
      label(2, { ...asked, behaviour: 'backtracking', annotator: 'you' }),
      label(3, { ...asked, behaviour: 'subgoal_setting', verdict: 'absent' }),
      // It only touches the step.
      label(4, { start: 15, end: 22, behaviour: 'backward_chaining' }),
    ])
    settle(asked)
    expect(apply.mock.calls[0]![0].add).toEqual(
      (['backtracking', 'backward_chaining'] as const).map((behaviour) => ({
        ...{ span: asked, behaviour, verdict: 'absent' },
      })),
    )
  })

  it('passes it over where one has labelled nothing on it', () => {
    const { settle, apply } = labelling([
      label(1, { ...asked, annotator: 'you' }),
      label(2, { ...asked, behaviour: 'backtracking', verdict: 'absent' }),
    ])
    settle(asked)
    expect(apply).not.toHaveBeenCalled()
  })
})

describe('moves of an edge', () => {
  const moves = (...ids: number[]) => {
    const { resize, apply } = labelling([label(7), label(8)])
    for (const id of ids) resize(label(id), span)
    return apply.mock.calls.map(([{ join }]) => join)
  }

  it('in a row are one change, also when the engine names the label in between', () => {
    expect(moves(-7, 7, 7)).toEqual([false, true, true])
  })

  it('of another label are another change', () => {
    expect(moves(7, 8)).toEqual([false, false])
  })
})
