import { beforeEach, expect, it, vi } from 'vitest'
import type { AppContext } from '#renderer/app/context.ts'
import type { labelQueue as Queue } from '#renderer/features/learning/label-queue.svelte.ts'

let queue: typeof Queue
beforeEach(async () => {
  vi.resetModules()
  queue = (await import('#renderer/features/learning/label-queue.svelte.ts')).labelQueue
})

/** An engine that asks for three steps at a time, of those that it is not told of; what it was told. */
function engineOf(texts: readonly string[]) {
  const told: { asked: string[]; round: number }[] = []
  const call = (method: string, input: { asked: string[]; round: number }) => {
    if (method === 'learning.queue') told.push(input)
    const left = texts.filter((text) => !told.at(-1)!.asked.includes(text)).slice(0, 3)
    const items = left.map((text) => ({ text, traceId: texts.indexOf(text) + 1 }))
    return Promise.resolve({ id: 1, state: 'done', result: { items }, error: null })
  }
  const app = {
    engine: { call, on: () => () => undefined },
    router: { route: { view: 'trace' }, go: vi.fn() },
    session: { annotator: 'me', follow: vi.fn() },
    toasts: { show: vi.fn(), fail: vi.fn() },
  }
  return { told, toasts: app.toasts, app: app as unknown as AppContext }
}

it('steps that were not shown when the queue was stopped are asked for again', async () => {
  const { app, told } = engineOf(['a', 'b', 'c', 'd'])
  await queue.start(app)
  await queue.next(app)
  await queue.resume(app)
  queue.stop()
  await queue.resume(app)
  expect(told).toMatchObject([
    { asked: [], round: 0 },
    { asked: ['a', 'b'], round: 0 },
  ])
  expect(queue.current).toMatchObject({ text: 'c' })
})

it('after the last step others are looked for in other traces, and where there are none it begins anew', async () => {
  const { app, told, toasts } = engineOf(['a', 'b', 'c', 'd'])
  await queue.start(app)
  for (const text of ['b', 'c', 'd']) {
    await queue.next(app)
    expect(queue.current).toMatchObject({ text })
  }
  await queue.next(app)
  expect(queue.current).toBeNull()
  expect(toasts.show).toHaveBeenCalledWith('There is no step left to ask for.')
  await queue.resume(app)
  expect(told.map(({ asked, round }) => [asked.join(''), round])).toEqual([
    ['', 0],
    ['abc', 1],
    ['abcd', 2],
    ['', 0],
  ])
})
