import type { Note, View } from '#shared/contract/desk.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { Db } from './connection.ts'

const toView = ({ state, ...view }: { name: string; state: string; at: string }): View => ({
  ...view,
  state: JSON.parse(state) as Json,
})

export type DeskStore = ReturnType<typeof createDeskStore>

/** Notes, saved views and settings. */
export function createDeskStore(db: Db) {
  const note = db.prepare<[number], { text: string; annotator: string; at: string }>(
    'SELECT text, annotator, at FROM notes WHERE trace_id = ?',
  )
  const putNote = db.prepare(
    'INSERT OR REPLACE INTO notes (trace_id, text, annotator, at) VALUES (?, ?, ?, ?)',
  )
  const dropNote = db.prepare('DELETE FROM notes WHERE trace_id = ?')
  const views = db.prepare<[], { name: string; state: string; at: string }>(
    'SELECT * FROM views ORDER BY name',
  )
  const putView = db.prepare('INSERT OR REPLACE INTO views (name, state, at) VALUES (?, ?, ?)')
  const renameView = db.prepare<[string, string], { name: string; state: string; at: string }>(
    'UPDATE views SET name = ? WHERE name = ? RETURNING *',
  )
  const hasView = db.prepare<[string]>('SELECT 1 FROM views WHERE name = ?')
  const dropView = db.prepare('DELETE FROM views WHERE name = ?')
  const settings = db.prepare<[], { key: string; value: string }>('SELECT * FROM settings ORDER BY key')
  const putSetting = db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)')
  const dropSetting = db.prepare('DELETE FROM settings WHERE key = ?')

  return {
    note(traceId: number): Note | null {
      const raw = note.get(traceId)
      return raw === undefined ? null : { traceId, ...raw }
    },
    putNote: ({ traceId, text, annotator, at }: Note): void => void putNote.run(traceId, text, annotator, at),
    dropNote: (traceId: number): void => void dropNote.run(traceId),
    views: (): View[] => views.all().map(toView),
    hasView: (name: string): boolean => hasView.get(name) !== undefined,
    /** Null when there is no view of that name. */
    renameView(name: string, to: string): View | null {
      const raw = renameView.get(to, name)
      return raw === undefined ? null : toView(raw)
    },
    putView: ({ name, state, at }: View): void => void putView.run(name, JSON.stringify(state), at),
    dropView: (name: string): boolean => dropView.run(name).changes > 0,
    settings: (): Record<string, Json> =>
      Object.fromEntries(settings.all().map(({ key, value }) => [key, JSON.parse(value) as Json])),
    putSetting(key: string, value: Json): void {
      if (value === null) dropSetting.run(key)
      else putSetting.run(key, JSON.stringify(value))
    },
  }
}
