import type { Emit } from '#shared/contract/events.ts'
import type { HistoryEntry } from '#shared/contract/history.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import { editWords } from '#shared/domain/graph/edit-words.ts'
import { changeWords, ownWords, type LabelChange } from '#shared/domain/change-words.ts'
import { saysAnew } from '#shared/domain/last-said.ts'
import { CairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { Db } from '../db/connection.ts'
import type { DeskStore } from '../db/desk.ts'
import type { GraphStore } from '../db/graphs.ts'
import type { OwnStore } from '../db/own.ts'
import type { Change, HistoryStore, NewEntry, Remembered } from '../db/history.ts'

interface Deps {
  db: Db
  store: HistoryStore
  annotations: AnnotationStore
  desk: DeskStore
  graphs: GraphStore
  own: OwnStore
  clock: Clock
  emit: Emit
}

/** Whose change it is, and of what. */
export interface Deed {
  /** Null where it is of the whole workspace. */
  readonly traceId: number | null
  /** Null where it is not known. */
  readonly annotator: string | null
  /** A repetition with the same token answers as the first time and does nothing. */
  readonly token?: string | undefined
  /** Makes one entry of this and the last where both only move the same label. */
  readonly join?: boolean
}

export interface History {
  /** Does a person's change and remembers it, in one transaction. */
  perform<T>(deed: Deed, change: () => { result: T; changes: Change[] }): T
  /** Remembers a change that was done within the caller's transaction; listeners are the caller's. */
  remember(deed: Deed, changes: readonly Change[]): void
  handlers: Pick<ApiHandlers, 'history.list' | 'history.undo' | 'history.redo' | 'history.travel'>
}

/** What was done, on which trace, and whether it was to the workspace's own behaviours. */
interface Work<T> {
  readonly answer: T
  readonly traceId: number | null
  readonly own?: boolean
}

/** The state of a change that is wanted: the one before it to undo it, the one after it to do it again. */
type Direction = 'before' | 'after'
type LabelStep = Extract<Change, { kind: 'annotation' }>

const idOf = ({ before, after }: LabelStep) => (before ?? after)!.id

/** What takes a label away in one direction, and puts it back in the other. */
const removal = (one: Annotation, direction: Direction): LabelStep =>
  direction === 'after'
    ? { kind: 'annotation', before: one, after: null }
    : { kind: 'annotation', before: null, after: one }

const isOwn = (changes: readonly Change[]) => changes.some(({ kind }) => kind === 'own')

/** Undo and redo of everything people do to traces, across restarts. */
export function createHistory({ db, store, annotations, desk, graphs, own, clock, emit }: Deps): History {
  const apply = (change: Change, direction: Direction) => {
    if (change.kind === 'annotation') {
      const wanted = change[direction]
      if (wanted !== null) annotations.put(wanted)
      else annotations.remove(idOf(change))
    } else if (change.kind === 'graph') {
      const wanted = change[direction]
      if (wanted !== null) graphs.putEdit(wanted)
      else graphs.removeEdit((change.before ?? change.after)!.id)
    } else if (change.kind === 'own') {
      const { id } = (change.before ?? change.after)!
      if (change[direction] === null) own.remove(id)
      else own.restore(id)
    } else if (change.kind === 'own-label') {
      const wanted = change[direction]
      if (wanted !== null) own.putLabel(wanted)
      else own.dropLabel((change.before ?? change.after)!)
    } else {
      const wanted = change[direction]
      if (wanted !== null) desk.putNote(wanted)
      else desk.dropNote((change.before ?? change.after)!.traceId)
    }
  }
  /**
   * What an import has brought of the same span that contradicts a label. One that is older than the label is none of it:
   * an older Cairn left both beside one another.
   */
  const broughtSince = (id: number): Annotation[] => {
    const label = annotations.get(id)
    return label === null ? [] : annotations.contrary(label).filter((one) => one.id > id)
  }
  /** The change with what stands in its place by now, where that is a label of people's own behaviours. */
  const asItStands = (change: Change, direction: Direction): Change => {
    if (change.kind !== 'own-label') return change
    const there = own.label((change.before ?? change.after)!)
    const from = direction === 'before' ? 'after' : 'before'
    const known = change[from]
    if (there === null || (there.verdict === known?.verdict && there.at === known.at)) return change
    return { ...change, [from]: there }
  }
  /** Undoes or does again. A label that contradicts it by now gives way, and comes back when this is reversed. */
  const go = ({ entry, changes }: Remembered, direction: Direction) => {
    const said: number[] = []
    const inOrder = (direction === 'before' ? changes.toReversed() : changes).map((change) => {
      const standing = asItStands(change, direction)
      const wanted = change.kind === 'annotation' ? change[direction] : null
      if (wanted !== null && saysAnew(annotations.get(wanted.id), wanted)) said.push(wanted.id)
      apply(change, direction)
      return standing
    })
    const gone = said.flatMap(broughtSince)
    for (const { id } of gone) annotations.remove(id)
    const done = direction === 'before' ? inOrder.toReversed() : inOrder
    if (gone.length > 0 || done.some((change, at) => change !== changes[at]))
      store.amend(entry.id, [...done, ...gone.map((one) => removal(one, direction))])
    store.mark(entry.id, direction === 'before')
  }
  const takeBack = (remembered: Remembered) => go(remembered, 'before')
  const doAgain = (remembered: Remembered) => go(remembered, 'after')
  /** Runs work in a transaction, with its receipt; listeners hear of work that was done now. */
  const once = <T>(token: string | undefined, work: () => Work<T>): T => {
    const {
      answer,
      traceId,
      own: changed = false,
    } = db.transaction((): Work<T> => {
      const given = token === undefined ? undefined : store.receipt(token)
      if (given !== undefined) return { answer: given as T, traceId: null }
      const done = work()
      if (token !== undefined) store.addReceipt(token, done.answer)
      return done
    })()
    if (traceId !== null) emit('labels.changed', token === undefined ? { traceId } : { traceId, token })
    if (changed) emit('own.changed', {})
    return answer
  }
  const step = (
    token: string | undefined,
    found: () => Remembered | null,
    go: (step: Remembered) => void,
    undone: boolean,
  ): HistoryEntry | null =>
    once(token, () => {
      const remembered = found()
      if (remembered === null) return { answer: null, traceId: null }
      go(remembered)
      const { entry, changes } = remembered
      return { answer: { ...entry, undone }, traceId: entry.traceId, own: isOwn(changes) }
    })

  const remember = ({ traceId, annotator, join = false }: Deed, changes: readonly Change[]) => {
    if (changes.length === 0) return
    const entry = { at: clock.now(), title: titleOf(changes), traceId, annotator, changes }
    const last = join ? store.newestDone() : null
    const joined = last === null ? null : joinMoves(last, entry)
    if (joined === null) store.record(entry)
    else store.replace(last!.entry.id, joined)
  }

  return {
    remember,
    perform(deed, change) {
      return once(deed.token, () => {
        const { result, changes } = change()
        remember(deed, changes)
        return { answer: result, traceId: deed.traceId, own: isOwn(changes) }
      })
    },
    handlers: {
      'history.list': ({ traceId, limit }) => store.list(traceId, limit),
      'history.undo': ({ token }) => step(token, store.newestDone, takeBack, true),
      'history.redo': ({ token }) => step(token, store.lastUndone, doAgain, false),
      'history.travel': ({ traceId, to, token }) =>
        once(token, () => {
          if (to !== null && !store.has(traceId, to))
            throw new CairnError(
              'not_found',
              `The history of trace ${traceId} no longer has that change: it was undone, and something else was done since. Nothing was changed.`,
              { traceId, to },
            )
          const later = store.doneAfter(traceId, to ?? 0)
          const earlier = store.undoneUpTo(traceId, to ?? 0)
          later.forEach(takeBack)
          earlier.forEach(doAgain)
          const own = [...later, ...earlier].some(({ changes }) => isOwn(changes))
          return { answer: { undone: later.length, redone: earlier.length }, traceId, own }
        }),
    },
  }
}

function titleOf(changes: readonly Change[]): string {
  const note = changes.find((change) => change.kind === 'note')
  if (note !== undefined)
    return note.before === null ? 'write a note' : note.after === null ? 'remove the note' : 'change the note'
  const own = changes.filter((change) => change.kind === 'own' || change.kind === 'own-label')
  if (own.length > 0) return ownWords(own)
  const edits = changes.filter((change) => change.kind === 'graph')
  if (edits.length > 0) return editWords(edits)
  return changeWords(changes as readonly LabelChange[])
}

/** The two as one, where both only move the same label of the same person; else null. */
function joinMoves({ entry, changes }: Remembered, next: NewEntry): NewEntry | null {
  const [first, second] = [moved(changes), moved(next.changes)]
  if (first === null || second === null || first.after.id !== second.before.id) return null
  if (entry.traceId !== next.traceId || entry.annotator !== next.annotator) return null
  const [before, after] = [first.before, second.after]
  // Back where it came from: two changes that are worth telling of.
  if (before.start === after.start && before.end === after.end) return null
  const change: Change = { kind: 'annotation', before, after }
  return { ...next, title: titleOf([change]), changes: [change] }
}

function moved(changes: readonly Change[]): { before: Annotation; after: Annotation } | null {
  const [change, ...others] = changes
  if (change?.kind !== 'annotation' || others.length > 0) return null
  const { before, after } = change
  if (before === null || after === null) return null
  const { start, end, at } = after
  return JSON.stringify({ ...before, start, end, at }) === JSON.stringify(after) ? { before, after } : null
}
