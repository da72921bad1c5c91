import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import { Outbox } from '#renderer/app/outbox.svelte.ts'
import { CairnError } from '#shared/errors.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An outbox, and an engine whose disk may be full. */
function onDisk() {
  const disk = { full: true, sent: [] as string[], saved: [] as string[] }
  const call = (_method: string, { text }: { text: string }) => {
    disk.sent.push(text)
    if (disk.full) return Promise.reject(new CairnError('disk_full', 'The disk is full.'))
    disk.saved.push(text)
    return Promise.resolve({ text })
  }
  const engine = { call, ready: () => Promise.resolve(), onOpen: () => undefined }
  const outbox = new Outbox(engine as unknown as Engine)
  const refused = vi.fn()
  outbox.onrefused = refused
  const write = (text: string) => outbox.send('notes.set', { traceId: 1, text, annotator: 'me' }, 'note')
  return { disk, outbox, refused, write }
}

it('keeps what the disk has no room for, says so once, and saves it in order when there is', async () => {
  const { disk, outbox, refused, write } = onDisk()
  const changes = Promise.all([write('one'), write('two')])
  const settled = outbox.settled()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(outbox.waiting).toHaveLength(2)
  expect(disk.sent.length).toBeGreaterThan(1)
  expect(disk.sent.length).toBeLessThan(20)
  expect(new Set(disk.sent)).toEqual(new Set(['one']))
  expect(refused.mock.calls).toEqual([[expect.stringMatching(/^The disk is full\. .*by themselves/)]])
  disk.full = false
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await changes).toEqual([{ text: 'one' }, { text: 'two' }])
  await settled
  expect([disk.saved, outbox.waiting]).toEqual([['one', 'two'], []])
})

it('lets a change be taken back that the disk has no room for', async () => {
  const { disk, outbox, write } = onDisk()
  const change = write('one').catch((thrown: CairnError) => thrown.code)
  await vi.advanceTimersByTimeAsync(100)
  expect(outbox.takeBack()).toMatchObject({ title: 'note' })
  expect(await change).toBe('cancelled')
  disk.full = false
  await vi.advanceTimersByTimeAsync(10_000)
  expect(disk.saved).toEqual([])
})
