import { expect, it, vi } from 'vitest'
import type { AppContext } from '#renderer/app/context.ts'
import { CairnError } from '#shared/errors.ts'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
const { Trace } = await import('#renderer/features/trace/trace.svelte.ts')

const DETAIL = { response: 'One. Two.', bounds: Uint32Array.of(0, 4, 5, 9), prediction: null }
const turn = () => new Promise((resolve) => setTimeout(resolve))

/** A trace whose text is there at once, while what is drawn over it is settled by hand. */
function open(text: () => Promise<unknown>) {
  const over = Promise.withResolvers<unknown>()
  const call = (method: string) => {
    if (method === 'traces.get') return text()
    if (method === 'labels.list') return Promise.resolve([])
    if (method === 'own.trace') return Promise.resolve({ labels: [], predictions: [] })
    return method === 'own.list' ? over.promise : Promise.resolve(null)
  }
  const fail = vi.fn()
  const app = { engine: { call }, outbox: {}, session: { annotator: 'me' }, toasts: { fail } }
  return { trace: new Trace(app as unknown as AppContext, 1), over, fail }
}

it('shows a trace while the workspace’s own behaviours are still being read', async () => {
  const { trace, over, fail } = open(() => Promise.resolve(DETAIL))
  await trace.read()
  expect([trace.steps, trace.problem]).toEqual([2, null])
  over.resolve([{ id: 1, name: 'Doubt' }])
  await trace.over
  expect(trace.own.behaviours).toMatchObject([{ name: 'Doubt' }])
  expect(fail).not.toHaveBeenCalled()
})

it('shows a trace over which nothing can be drawn, and says so once', async () => {
  const { trace, over, fail } = open(() => Promise.resolve(DETAIL))
  await trace.read()
  const problem = new CairnError('internal', 'The thread ended.')
  over.reject(problem)
  await turn()
  expect([trace.steps, trace.problem]).toEqual([2, null])
  expect(fail.mock.calls).toEqual([[problem]])
})

it('tells only of the trace where that cannot be read', async () => {
  const problem = new CairnError('not_found', 'There is no trace 1.')
  const { trace, over, fail } = open(() => Promise.reject(problem))
  over.reject(problem)
  await trace.read()
  await turn()
  expect(trace.problem).toBe(problem)
  expect(fail).not.toHaveBeenCalled()
})
