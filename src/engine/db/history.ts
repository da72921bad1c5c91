import type { HistoryEntry } from '#shared/contract/history.ts'
import type { Note } from '#shared/contract/desk.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { Db } from './connection.ts'

/** One row before and after; null where it did not exist. */
export type Change =
  | { kind: 'annotation'; before: Annotation | null; after: Annotation | null }
  | { kind: 'note'; before: Note | null; after: Note | null }

interface Raw {
  id: number
  at: string
  title: string
  trace_id: number | null
  changes: string
  undone: number
}

function toEntry(raw: Raw): HistoryEntry {
  return { id: raw.id, at: raw.at, title: raw.title, traceId: raw.trace_id, undone: raw.undone === 1 }
}

export type HistoryStore = ReturnType<typeof createHistoryStore>

/** What people did, in order, with enough to take it back. */
export function createHistoryStore(db: Db) {
  const list = db.prepare<[number | null, number | null, number], Raw>(
    'SELECT * FROM history WHERE ? IS NULL OR trace_id = ? ORDER BY id DESC LIMIT ?',
  )
  const add = db.prepare('INSERT INTO history (at, title, trace_id, changes) VALUES (?, ?, ?, ?)')
  const dropUndone = db.prepare('DELETE FROM history WHERE undone = 1')
  const newestDone = db.prepare<[], Raw>('SELECT * FROM history WHERE undone = 0 ORDER BY id DESC LIMIT 1')
  const oldestUndone = db.prepare<[], Raw>('SELECT * FROM history WHERE undone = 1 ORDER BY id LIMIT 1')
  const mark = db.prepare('UPDATE history SET undone = ? WHERE id = ?')
  const changesOf = (raw: Raw) => JSON.parse(raw.changes) as Change[]

  return {
    list: (traceId: number | undefined, limit: number): HistoryEntry[] =>
      list.all(traceId ?? null, traceId ?? null, limit).map(toEntry),
    /** A new change: what was undone before it can no longer be redone. */
    record(at: string, title: string, traceId: number | null, changes: readonly Change[]): void {
      dropUndone.run()
      add.run(at, title, traceId, JSON.stringify(changes))
    },
    /** Marks the newest change undone and gives it to be taken back. */
    undo(): { entry: HistoryEntry; changes: Change[] } | null {
      const raw = newestDone.get()
      if (raw === undefined) return null
      mark.run(1, raw.id)
      return { entry: { ...toEntry(raw), undone: true }, changes: changesOf(raw) }
    },
    redo(): { entry: HistoryEntry; changes: Change[] } | null {
      const raw = oldestUndone.get()
      if (raw === undefined) return null
      mark.run(0, raw.id)
      return { entry: { ...toEntry(raw), undone: false }, changes: changesOf(raw) }
    },
  }
}
