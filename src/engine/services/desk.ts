import type { ApiHandlers } from '#shared/contract/index.ts'
import type { Note } from '#shared/contract/desk.ts'
import { CairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { DeskStore } from '../db/desk.ts'
import type { TraceStore } from '../db/traces.ts'
import type { History } from './history.ts'

type DeskHandlers = Pick<
  ApiHandlers,
  | 'notes.get'
  | 'notes.set'
  | 'views.list'
  | 'views.save'
  | 'views.rename'
  | 'views.remove'
  | 'settings.get'
  | 'settings.set'
>

interface Deps {
  store: DeskStore
  traces: TraceStore
  history: History
  clock: Clock
}

/** Notes, saved views and settings of a workspace. */
export function createDesk({ store, traces, history, clock }: Deps): DeskHandlers {
  return {
    'notes.get': ({ traceId }) => store.note(traceId),
    'notes.set'({ traceId, text, annotator }) {
      if (!traces.has(traceId))
        throw new CairnError('not_found', `There is no trace ${traceId}.`, { id: traceId })
      return history.perform({ traceId, annotator }, () => {
        const before = store.note(traceId)
        const after: Note | null = text.trim() === '' ? null : { traceId, text, annotator, at: clock.now() }
        if (after === null) store.dropNote(traceId)
        else store.putNote(after)
        const same = before?.text === after?.text
        return { result: after, changes: same ? [] : [{ kind: 'note', before, after }] }
      })
    },
    'views.list': () => store.views(),
    'views.save'({ name, state }) {
      const view = { name, state, at: clock.now() }
      store.putView(view)
      return view
    },
    'views.rename'({ name, to }) {
      if (name !== to && store.hasView(to))
        throw new CairnError(
          'conflict',
          `Another view is called "${to}". Nothing was changed; choose another name.`,
          { name: to },
        )
      const view = store.renameView(name, to)
      if (view === null)
        throw new CairnError('not_found', `There is no view called "${name}" any more.`, { name })
      return view
    },
    'views.remove': ({ name }) => ({ removed: store.dropView(name) }),
    'settings.get': () => store.settings(),
    'settings.set'(values) {
      for (const [key, value] of Object.entries(values)) store.putSetting(key, value)
      return store.settings()
    },
  }
}
