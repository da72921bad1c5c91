import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Engine } from '#renderer/app/engine.svelte.ts'
import type { Channel } from '#shared/rpc/channel.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Dials an engine that answers nothing: its thread is busy, or it is gone. */
function silent() {
  const asked: string[][] = []
  const dial = () => {
    const here: string[] = []
    const closers: (() => void)[] = []
    asked.push(here)
    const channel: Channel = {
      post: (message) => void here.push((message as { a: [string] }).a[0]),
      onMessage: () => undefined,
      onClose: (closer) => void closers.push(closer),
      close: () => closers.splice(0).forEach((closer) => closer()),
    }
    return Promise.resolve(channel)
  }
  return { asked, dial }
}

it('dials anew where a probe is not answered, and asks again', async () => {
  const { asked, dial } = silent()
  const engine = new Engine(dial)
  void engine.call('traces.get', { id: 1 })
  await vi.advanceTimersByTimeAsync(10)
  void engine.probe()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toEqual([['traces.get', 'history.list'], ['traces.get']])
})

it('leaves a connection alone on which the database is checked, and checks once', async () => {
  const { asked, dial } = silent()
  const engine = new Engine(dial)
  const added = vi.fn()
  void engine.call('workspace.check', {})
  engine.call('models.add', { folder: '/m', id: 'm', map: {} }).catch(added)
  await vi.advanceTimersByTimeAsync(10)
  for (let time = 0; time < 2; time++) {
    void engine.probe()
    await vi.advanceTimersByTimeAsync(10_000)
  }
  expect(asked).toEqual([['workspace.check', 'models.add', 'history.list', 'history.list']])
  expect(added).not.toHaveBeenCalled()
})

it('leaves even that connection where it says nothing for ten minutes', async () => {
  const { asked, dial } = silent()
  const engine = new Engine(dial)
  void engine.call('workspace.check', {})
  await vi.advanceTimersByTimeAsync(10)
  void engine.probe()
  await vi.advanceTimersByTimeAsync(590_000)
  expect(asked).toEqual([['workspace.check', 'history.list']])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(asked).toEqual([['workspace.check', 'history.list'], ['workspace.check']])
})
