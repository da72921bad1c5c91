import type { HistoryEntry } from '#shared/contract/history.ts'
import type { GraphEdit } from '#shared/domain/graph/edits.ts'
import type { Note } from '#shared/contract/desk.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { Db } from './connection.ts'
import type { StoredOwnLabel } from './own.ts'

/** One row before and after; null where it did not exist. */
export type Change =
  | { kind: 'annotation'; before: Annotation | null; after: Annotation | null }
  | { kind: 'note'; before: Note | null; after: Note | null }
  | { kind: 'graph'; before: GraphEdit | null; after: GraphEdit | null }
  | { kind: 'own'; before: NamedOwn | null; after: NamedOwn | null }
  | { kind: 'own-label'; name: string; before: StoredOwnLabel | null; after: StoredOwnLabel | null }

/** A behaviour of the workspace's own. */
interface NamedOwn {
  readonly id: number
  readonly name: string
}

interface Raw {
  id: number
  at: string
  title: string
  trace_id: number | null
  changes: string
  /** 0 while done; else the greater, the later it was undone. */
  undone: number
  annotator: string | null
}

/** A remembered change, with what it takes to undo it or to do it again. */
export interface Remembered {
  readonly entry: HistoryEntry
  readonly changes: Change[]
}

/** What is to be remembered of a change. */
export interface NewEntry {
  readonly at: string
  readonly title: string
  readonly traceId: number | null
  readonly annotator: string | null
  readonly changes: readonly Change[]
}

/** Receipts beyond this many are forgotten, oldest first. */
const RECEIPTS_KEPT = 100_000

function toRemembered(raw: Raw): Remembered {
  const { id, at, title, annotator } = raw
  return {
    entry: { id, at, title, traceId: raw.trace_id, undone: raw.undone > 0, annotator },
    changes: JSON.parse(raw.changes) as Change[],
  }
}

export type HistoryStore = ReturnType<typeof createHistoryStore>

/**
 * What people did, in order, with enough to take it back. Changes of one trace do not depend on those
 * of another; of each trace, what is undone is always newer than what is done.
 */
export function createHistoryStore(db: Db) {
  const list = db.prepare<[number], Raw>('SELECT * FROM history ORDER BY id DESC LIMIT ?')
  const listOf = db.prepare<[number, number], Raw>(
    'SELECT * FROM history WHERE trace_id = ? ORDER BY id DESC LIMIT ?',
  )
  const add = db.prepare(
    'INSERT INTO history (at, title, trace_id, annotator, changes) VALUES (?, ?, ?, ?, ?)',
  )
  const replace = db.prepare('UPDATE history SET at = ?, title = ?, changes = ? WHERE id = ?')
  const amend = db.prepare('UPDATE history SET changes = ? WHERE id = ?')
  const dropUndone = db.prepare('DELETE FROM history WHERE undone > 0')
  const newestDone = db.prepare<[], Raw>('SELECT * FROM history WHERE undone = 0 ORDER BY id DESC LIMIT 1')
  const lastUndone = db.prepare<[], Raw>(
    'SELECT * FROM history WHERE undone > 0 ORDER BY undone DESC, id LIMIT 1',
  )
  const doneAfter = db.prepare<[number, number], Raw>(
    'SELECT * FROM history WHERE trace_id = ? AND undone = 0 AND id > ? ORDER BY id DESC',
  )
  const undoneUpTo = db.prepare<[number, number], Raw>(
    'SELECT * FROM history WHERE trace_id = ? AND undone > 0 AND id <= ? ORDER BY id',
  )
  const has = db.prepare<[number, number], Raw>('SELECT * FROM history WHERE id = ? AND trace_id = ?')
  const markUndone = db.prepare(
    'UPDATE history SET undone = 1 + (SELECT max(undone) FROM history) WHERE id = ?',
  )
  const markDone = db.prepare('UPDATE history SET undone = 0 WHERE id = ?')
  const receipt = db.prepare<[string], { answer: string }>('SELECT answer FROM receipts WHERE token = ?')
  const addReceipt = db.prepare('INSERT INTO receipts (token, answer) VALUES (?, ?)')
  const dropReceipts = db.prepare('DELETE FROM receipts WHERE id <= ?')

  return {
    list: (traceId: number | undefined, limit: number): HistoryEntry[] =>
      (traceId === undefined ? list.all(limit) : listOf.all(traceId, limit)).map(
        (raw) => toRemembered(raw).entry,
      ),
    /** A new change: what was undone before it can no longer be done again. */
    record({ at, title, traceId, annotator, changes }: NewEntry): void {
      dropUndone.run()
      add.run(at, title, traceId, annotator, JSON.stringify(changes))
    },
    /** Puts another change in the place of one that was just made. */
    replace(id: number, { at, title, changes }: NewEntry): void {
      dropUndone.run()
      replace.run(at, title, JSON.stringify(changes), id)
    },
    /** What it takes to undo an entry, or to do it again, from now on. */
    amend: (id: number, changes: readonly Change[]): void => void amend.run(JSON.stringify(changes), id),
    newestDone: (): Remembered | null => remembered(newestDone.get()),
    lastUndone: (): Remembered | null => remembered(lastUndone.get()),
    /** What is done on a trace after an entry, newest first. */
    doneAfter: (traceId: number, id: number): Remembered[] => doneAfter.all(traceId, id).map(toRemembered),
    /** What is undone on a trace up to an entry, oldest first. */
    undoneUpTo: (traceId: number, id: number): Remembered[] => undoneUpTo.all(traceId, id).map(toRemembered),
    has: (traceId: number, id: number): boolean => has.get(id, traceId) !== undefined,
    mark(id: number, undone: boolean): void {
      if (undone) markUndone.run(id)
      else markDone.run(id)
    },
    /** The answer that was given under a token; undefined when none was. */
    receipt(token: string): unknown {
      const stored = receipt.get(token)
      return stored === undefined ? undefined : (JSON.parse(stored.answer) as unknown)
    },
    addReceipt(token: string, answer: unknown): void {
      const { lastInsertRowid } = addReceipt.run(token, JSON.stringify(answer))
      dropReceipts.run(Number(lastInsertRowid) - RECEIPTS_KEPT)
    },
  }
}

function remembered(raw: Raw | undefined): Remembered | null {
  return raw === undefined ? null : toRemembered(raw)
}
