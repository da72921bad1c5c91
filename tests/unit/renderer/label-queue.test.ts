import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AppContext } from '#renderer/app/context.ts'
import { goOn } from '#renderer/features/learning/queue-command.ts'

const queue = vi.hoisted(() => ({
  current: null as { traceId: number; start: number; end: number } | null,
  looking: false,
  next: vi.fn(),
  resume: vi.fn(),
}))
vi.mock('#renderer/features/learning/label-queue.svelte.ts', () => ({ labelQueue: queue }))

const app = {} as AppContext
const ASKED = { traceId: 7, start: 10, end: 20 }

describe('a key of the queue of steps to label', () => {
  beforeEach(() => {
    Object.assign(queue, { current: ASKED, looking: false })
    vi.clearAllMocks()
  })

  it('says something of the step that is asked for, and goes on', () => {
    const say = vi.fn()
    goOn(app, 7, say)
    expect(say.mock.calls).toEqual([[ASKED]])
    expect([queue.next.mock.calls, queue.resume.mock.calls]).toEqual([[[app]], []])
  })

  it('leads to the step from elsewhere, and says nothing of it', () => {
    const say = vi.fn()
    goOn(app, 8, say)
    expect(say).not.toHaveBeenCalled()
    expect([queue.next.mock.calls, queue.resume.mock.calls]).toEqual([[], [[app]]])
  })

  it('does nothing while steps are looked for', () => {
    queue.looking = true
    const say = vi.fn()
    for (const trace of [7, 8, null]) goOn(app, trace, say)
    for (const called of [say, queue.next, queue.resume]) expect(called).not.toHaveBeenCalled()
  })
})
