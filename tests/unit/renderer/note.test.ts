import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { AppContext } from '#renderer/app/context.ts'
import { TypedNote } from '#renderer/features/trace/note.svelte.ts'
import { CairnError } from '#shared/errors.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A note, and the one that the engine has. */
async function open() {
  const there = { text: 'before', sent: [] as string[], problem: null as CairnError | null }
  const call = () => Promise.resolve(there.text === '' ? null : { text: there.text })
  const send = (_method: string, { text }: { text: string }) => {
    there.sent.push(text)
    if (there.problem !== null) return Promise.reject(there.problem)
    there.text = text.trim() === '' ? '' : text
    return call()
  }
  const fail = vi.fn()
  const app = { engine: { call }, outbox: { send }, session: { annotator: 'me' }, toasts: { fail } }
  const note = new TypedNote(app as unknown as AppContext, 1)
  await note.read()
  const pause = () => vi.advanceTimersByTimeAsync(1_000)
  return { note, there, fail, pause }
}

it('keeps in the field what could not be saved, and sends it again', async () => {
  const { note, there, fail, pause } = await open()
  there.problem = new CairnError('internal', 'The disk is full.')
  note.type('after')
  await pause()
  await note.save()
  expect(note.text).toBe('after')
  expect(fail).toHaveBeenCalledTimes(2)
  there.problem = null
  await note.save()
  expect([note.text, there.text]).toEqual(['after', 'after'])
  await note.save()
  expect(there.sent).toEqual(['after', 'after', 'after'])
})

it.each(['mine', 'before'])('leaves what another window wrote after %j was typed', async (typed) => {
  const { note, there, pause } = await open()
  note.type(typed)
  await pause()
  there.text = 'theirs'
  await note.read()
  expect(note.text).toBe('theirs')
  await note.save()
  expect(there.text).toBe('theirs')
})

it('shows what was typed while it is on its way, and sends it once', async () => {
  const { note, there, pause } = await open()
  note.type('one')
  const [first, second] = [note.save(), note.save()]
  expect(note.text).toBe('one')
  note.type('one more')
  await Promise.all([first, second])
  expect(note.text).toBe('one more')
  await pause()
  expect(there.sent).toEqual(['one', 'one more'])
})

it('goes back to what is saved where the change is taken back', async () => {
  const { note, there, fail, pause } = await open()
  there.problem = new CairnError('cancelled', 'The change was taken back.')
  note.type('after')
  await pause()
  expect(note.text).toBe('before')
  expect(fail).not.toHaveBeenCalled()
})
