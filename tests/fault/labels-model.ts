import type { EngineClient } from '#engine/create-engine.ts'
import { TRACES, type Call } from './labels-child.ts'

type State = string | null
interface Entry {
  readonly traceId: number
  readonly changes: readonly { note: string; before: State; after: State }[]
  /** 0 while done; else the greater, the later it was undone. */
  undone: number
}

/** What can be seen of labels and history: the same for the engine and for the model of it. */
export interface Seen {
  readonly labels: Readonly<Record<string, string>>
  /** Newest first. */
  readonly history: readonly { traceId: number; undone: boolean }[]
}

/** Labels and their history as they ought to be, in a few lines and without a database. */
export class Model {
  readonly #notes: Map<number, string>
  #labels = new Map<string, string>()
  #log: Entry[] = []

  /** `notes` knows labels by their id. */
  constructor(notes: Map<number, string>) {
    this.#notes = notes
  }

  copy(): Model {
    const copy = new Model(this.#notes)
    copy.#labels = new Map(this.#labels)
    copy.#log = this.#log.map((entry) => ({ ...entry }))
    return copy
  }

  seen(): Seen {
    return {
      labels: Object.fromEntries(this.#labels),
      history: this.#log.map(({ traceId, undone }) => ({ traceId, undone: undone > 0 })).reverse(),
    }
  }

  perform({ method, input }: Call): void {
    if (method === 'labels.apply') return this.#apply(input)
    if (method === 'history.travel') {
      const entries = this.#log.filter((one) => one.traceId === input.traceId && one.undone === 0)
      for (const entry of entries.reverse()) this.#undo(entry)
    } else if (method === 'history.undo') {
      const entry = this.#log.findLast(({ undone }) => undone === 0)
      if (entry !== undefined) this.#undo(entry)
    } else {
      const last = Math.max(0, ...this.#log.map(({ undone }) => undone))
      const entry = last === 0 ? undefined : this.#log.find(({ undone }) => undone === last)
      if (entry === undefined) return
      entry.undone = 0
      for (const { note, after } of entry.changes) this.#put(note, after)
    }
  }

  #undo(entry: Entry): void {
    entry.undone = 1 + Math.max(0, ...this.#log.map(({ undone }) => undone))
    for (const { note, before } of entry.changes.toReversed()) this.#put(note, before)
  }

  #apply({
    traceId,
    add = [],
    update = [],
    remove = [],
  }: Extract<Call, { method: 'labels.apply' }>['input']) {
    const changes = [
      ...remove.map((id) => ({ note: this.#notes.get(id)!, after: null })),
      ...update.map(({ id, span }) => ({ note: this.#notes.get(id)!, after: `${span!.start}-${span!.end}` })),
      ...add.map(({ note, span }) => ({ note: note!, after: `${span.start}-${span.end}` })),
    ]
      .map(({ note, after }) => ({ note, before: this.#labels.get(note) ?? null, after }))
      .filter(({ before, after }) => before !== after)
    for (const { note, after } of changes) this.#put(note, after)
    if (changes.length === 0) return
    this.#log = [...this.#log.filter(({ undone }) => undone === 0), { traceId, changes, undone: 0 }]
  }

  #put(note: string, state: State): void {
    if (state === null) this.#labels.delete(note)
    else this.#labels.set(note, state)
  }
}

/** What an engine shows; ids met on the way go into `notes`. */
export async function seenOf(client: EngineClient, notes: Map<number, string>): Promise<Seen> {
  const lists = await Promise.all(TRACES.map((traceId) => client.call('labels.list', { traceId })))
  const labels = lists.flat()
  for (const { id, note } of labels) notes.set(id, note)
  const history = await client.call('history.list', { limit: 1000 })
  return {
    labels: Object.fromEntries(labels.map(({ note, start, end }) => [note, `${start}-${end}`])),
    history: history.map(({ traceId, undone }) => ({ traceId: traceId!, undone })),
  }
}
