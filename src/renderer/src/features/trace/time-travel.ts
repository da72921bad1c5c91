import type { ApiInput } from '#shared/contract/index.ts'
import type { HistoryEntry } from '#shared/contract/history.ts'
import type { AppContext } from '../../app/context.ts'
import type { Post } from '../../app/outbox-store.ts'
import { traceHref } from '../../app/route.ts'
import type { Trace } from './trace.svelte.ts'

/** Messages about labels take the place of one another. */
export const LABEL_TOAST = 'label'

/** Undo and redo of what people did, also of what the engine does not have yet. */
export function createTimeTravel({ engine, outbox, toasts, router }: AppContext, trace: () => Trace) {
  /** Changes that were taken back before they were sent, the last one last. */
  let taken: readonly Post[] = []
  let takenAt = -1

  let travelling: Promise<void> | null = null

  /** One journey at a time, each with a look at where one is. */
  function journey(work: () => Promise<unknown>): Promise<void> {
    const before = travelling ?? Promise.resolve()
    const mine = before
      .then(() => attempt(work))
      .then(() => attempt(() => trace().labels.read()))
      .then(() => {
        if (travelling === mine) travelling = null
      })
    travelling = mine
    return mine
  }

  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (thrown) {
      toasts.fail(thrown)
    }
  }

  function told(entry: Pick<HistoryEntry, 'title' | 'traceId'>, undone: boolean) {
    const elsewhere = entry.traceId !== null && entry.traceId !== trace().id
    toasts.show(`${undone ? 'Undone' : 'Done again'}: ${entry.title}`, {
      key: LABEL_TOAST,
      action: elsewhere
        ? { label: 'Show trace', run: () => router.go(traceHref(entry.traceId!, '')) }
        : undone
          ? { label: 'Redo', run: () => void redo() }
          : { label: 'Undo', run: () => void undo() },
    })
  }

  const step = (method: 'history.undo' | 'history.redo') =>
    journey(async () => {
      const token = crypto.randomUUID()
      await outbox.settled()
      const entry = await engine.save(method, { token })
      if (entry !== null) return told(entry, method === 'history.undo')
      toasts.show(`There is nothing to ${method === 'history.undo' ? 'undo' : 'do again'}.`, {
        key: LABEL_TOAST,
      })
    })

  function undo(): Promise<void> {
    const post = outbox.takeBack()
    if (post === null) return step('history.undo')
    taken = [...stillTaken(), post]
    takenAt = outbox.posted
    told({ title: post.title, traceId: post.input.traceId }, true)
    return Promise.resolve()
  }

  function redo(): Promise<void> {
    const posts = stillTaken()
    const post = posts.at(-1)
    if (post === undefined) return step('history.redo')
    const done = sendAgain(post)
    taken = posts.slice(0, -1)
    takenAt = outbox.posted
    told({ title: post.title, traceId: post.input.traceId }, false)
    return attempt(() => done)
  }

  /** Something new ends what was taken back, as in the engine's own history. */
  const stillTaken = () => (takenAt === outbox.posted ? taken : [])

  function sendAgain({ method, input, title, unborn }: Post): Promise<unknown> {
    if (method !== 'labels.apply' || input.traceId !== trace().id)
      return outbox.send(method, input, title, unborn)
    const { annotator, textHash = '', ...change } = input as ApiInput<'labels.apply'>
    return trace().labels.apply(change, annotator, textHash, unborn).done
  }

  return {
    undo,
    redo,
    /** Brings this trace to where it was after a change; null is before all changes. */
    travel: (to: number | null) =>
      journey(async () => {
        const token = crypto.randomUUID()
        await outbox.settled()
        const { undone, redone } = await engine.save('history.travel', { traceId: trace().id, to, token })
        const parts = [
          ...(undone > 0 ? [`${undone} undone`] : []),
          ...(redone > 0 ? [`${redone} done again`] : []),
        ]
        toasts.show(parts.length === 0 ? 'It is as it was then.' : `Changes: ${parts.join(', ')}`, {
          key: LABEL_TOAST,
        })
      }),
  }
}
