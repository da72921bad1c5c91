import type { Emit } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { Clock } from '../clock.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { Db } from '../db/connection.ts'
import type { DeskStore } from '../db/desk.ts'
import type { Change, HistoryStore } from '../db/history.ts'

interface Deps {
  db: Db
  store: HistoryStore
  annotations: AnnotationStore
  desk: DeskStore
  clock: Clock
  emit: Emit
}

export interface History {
  /** Does a person's change and remembers it, in one transaction. */
  perform<T>(title: string, traceId: number, change: () => { result: T; changes: Change[] }): T
  handlers: Pick<ApiHandlers, 'history.list' | 'history.undo' | 'history.redo'>
}

/** Undo and redo of everything people do to traces, across restarts. */
export function createHistory({ db, store, annotations, desk, clock, emit }: Deps): History {
  const tell = (traceId: number | null) => {
    if (traceId !== null) emit('labels.changed', { traceId })
  }
  const apply = (change: Change, direction: 'before' | 'after') => {
    if (change.kind === 'annotation') {
      const wanted = change[direction]
      if (wanted !== null) annotations.put(wanted)
      else annotations.remove((change.before ?? change.after)!.id)
    } else {
      const wanted = change[direction]
      if (wanted !== null) desk.putNote(wanted)
      else desk.dropNote((change.before ?? change.after)!.traceId)
    }
  }
  const undo = db.transaction(() => {
    const step = store.undo()
    for (const change of step?.changes.toReversed() ?? []) apply(change, 'before')
    return step?.entry ?? null
  })
  const redo = db.transaction(() => {
    const step = store.redo()
    for (const change of step?.changes ?? []) apply(change, 'after')
    return step?.entry ?? null
  })

  return {
    perform(title, traceId, change) {
      const done = db.transaction(() => {
        const { result, changes } = change()
        if (changes.length > 0) store.record(clock.now(), title, traceId, changes)
        return result
      })()
      tell(traceId)
      return done
    },
    handlers: {
      'history.list': ({ traceId, limit }) => store.list(traceId, limit),
      'history.undo': () => {
        const entry = undo()
        tell(entry?.traceId ?? null)
        return entry
      },
      'history.redo': () => {
        const entry = redo()
        tell(entry?.traceId ?? null)
        return entry
      },
    },
  }
}
