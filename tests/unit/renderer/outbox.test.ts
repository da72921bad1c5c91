import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import { Outbox } from '#renderer/app/outbox.svelte.ts'
import { CairnError } from '#shared/errors.ts'

/** The browser's store: what is set last is listed first, since its order is not to be relied on. */
const storage = {
  getItem(key: string) {
    return (Reflect.get(this, key) as string | undefined) ?? null
  },
  setItem(key: string, value: string) {
    const others = Object.entries(this).filter(([other]) => other.startsWith('cairn') && other !== key)
    for (const [other] of others) Reflect.deleteProperty(this, other)
    Object.assign(this, { [key]: value }, Object.fromEntries(others))
  },
  removeItem(key: string) {
    Reflect.deleteProperty(this, key)
  },
}
const boxes = () => Object.keys(localStorage).filter((key) => key.startsWith('cairn'))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('localStorage', { ...storage })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A disk, full at first, and what an engine was sent and has saved there. */
const fullDisk = () => ({ full: true, sent: [] as string[], saved: [] as string[] })

/** A page's outbox, and its engine. */
function onDisk(disk = fullDisk()) {
  const page = { gone: false, open: () => undefined as void }
  const call = (method: string, { text }: { text: string }) => {
    if (page.gone) return new Promise(() => undefined)
    if (method === 'workspace.path') return Promise.resolve({ path: '/study' })
    disk.sent.push(text)
    if (disk.full) return Promise.reject(new CairnError('disk_full', 'The disk is full.'))
    disk.saved.push(text)
    return Promise.resolve({ text })
  }
  const onOpen = (opened: () => void) => void (page.open = opened)
  const engine = { call, ready: () => Promise.resolve(), onOpen }
  const outbox = new Outbox(engine as unknown as Engine)
  const refused = vi.fn()
  outbox.onrefused = refused
  const write = (text: string) => outbox.send('notes.set', { traceId: 1, text, annotator: 'me' }, 'note')
  return { disk, outbox, refused, write, page }
}

/** Pages of one browser, one after the other: each is gone when the next is opened. */
function pages() {
  const disk = fullDisk()
  const held = new Set<string>()
  const request = async (name: string, ...rest: unknown[]) => {
    const run = rest.at(-1) as (lock: object | null) => Promise<unknown>
    if (held.has(name)) return run(null)
    held.add(name)
    await run({})
    held.delete(name)
  }
  vi.stubGlobal('navigator', { locks: { request } })
  let last: ReturnType<typeof onDisk> | null = null
  const next = async () => {
    if (last !== null) last.page.gone = true
    held.clear()
    last = onDisk(disk)
    last.page.open()
    await vi.advanceTimersByTimeAsync(100)
    return last
  }
  return { disk, next }
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

it('sends what an earlier page left when there is room, before what is written meanwhile', async () => {
  const { disk, next } = pages()
  void (await next()).write('Monday')
  await vi.advanceTimersByTimeAsync(100)
  const { write, refused, outbox } = await next()
  const change = write('Tuesday')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(new Set(disk.sent)).toEqual(new Set(['Monday']))
  expect(refused.mock.calls).toEqual([[expect.stringMatching(/^The disk is full\. .*by themselves/)]])
  expect(outbox.waiting).toMatchObject([{ sent: false }])
  disk.full = false
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await change).toEqual({ text: 'Tuesday' })
  expect([disk.saved, boxes()]).toEqual([['Monday', 'Tuesday'], []])
})

it('keeps waiting for room with what an earlier page left when the connection is made again', async () => {
  const { disk, next } = pages()
  void (await next()).write('Monday')
  await vi.advanceTimersByTimeAsync(100)
  const { write, page } = await next()
  page.open()
  const change = write('Tuesday')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(new Set(disk.sent)).toEqual(new Set(['Monday']))
  disk.full = false
  await vi.advanceTimersByTimeAsync(10_000)
  await change
  expect(disk.saved).toEqual(['Monday', 'Tuesday'])
})

it('sends what several pages left in the order of the pages', async () => {
  const { disk, next } = pages()
  for (const text of ['Monday', 'Tuesday', 'Wednesday', 'Thursday']) {
    void (await next()).write(text)
    await vi.advanceTimersByTimeAsync(100)
  }
  disk.full = false
  await next()
  expect([disk.saved, boxes()]).toEqual([['Monday', 'Tuesday', 'Wednesday', 'Thursday'], []])
})
