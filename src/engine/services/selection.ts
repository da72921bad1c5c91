import type { Filter } from '#shared/contract/filter.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Search } from '../db/search.ts'
import type { TraceSort, TraceStore } from '../db/traces.ts'
import { ordersOf, type Orders } from './order.ts'

/** Of each kind, those used last: at a million traces a selection takes 4 MB, its members 1 MB. */
const KEPT = { members: 8, selections: 6 }
/** Memory that orders may take: every column's up to a million traces, two columns' at least. */
const ORDER_BYTES = 100_000_000
/** Rows of a new selection that are found without all that is in it: the first page. */
const SOON = 200
/** Columns whose order is made before it is asked for, those most asked for first. */
const SORTED = ['length', ...BEHAVIOURS, 'reward', 'correct', 'run', 'checkpoint'] as const
/** Up to this many traces are sorted by themselves rather than picked from the order of all. */
const FEW = 5000

export interface Selections {
  /** Ids of a selection in order. The array is shared: do not change it. */
  ids(filter: Filter, sort: TraceSort): Uint32Array
  /** Some of them. The first of a selection that is new are there before all that is in it is known. */
  page(filter: Filter, sort: TraceSort, offset: number, limit: number): Uint32Array
  count(filter: Filter): number
  /** Makes one thing that will be asked for, the order of a column; false when nothing is left. */
  prepare(): boolean
  /** Forgets what a change of labels, or any change to traces, makes wrong. */
  forget(changed: 'labels' | 'traces'): void
}

/** Traces by id: 1 for those that are in. */
interface Members {
  readonly bits: Uint8Array
  readonly count: number
}

/**
 * Remembers who is in recent selections and the order of columns, so that a jump to row 900,000, the
 * next trace and the position of a trace are look-ups, and a new filter, search or order costs only
 * the part that is new.
 */
export function createSelections(
  traces: TraceStore,
  search: Pick<Search, 'matching' | 'first' | 'prompts'>,
  /** Hears how far a look at every trace is. */
  tell?: (done: number, total: number) => void,
): Selections {
  const room = () => Math.max(2, Math.floor(ORDER_BYTES / (8 * (everyId().length + 1))))
  const orders = remember<Orders>(room)
  const members = remember<Members>(() => KEPT.members)
  const selections = remember<Uint32Array>(() => KEPT.selections)
  let all: Uint32Array | null = null
  let prompts: Uint32Array | null = null

  const everyId = () => (all ??= traces.everyId())
  const promptOfEach = () => (prompts ??= traces.everyPrompt())
  const found = (query: string): Members => {
    const matching = search.matching(query)
    const own = collect(everyId(), matching.traces)
    if (matching.prompts.length === 0) return own
    const asked = collect(
      matching.prompts.toSorted((a, b) => a - b),
      matching.prompts,
    ).bits
    const ids = everyId()
    const { bits } = own
    promptOfEach().forEach((prompt, at) => {
      if (asked[prompt] === 1) bits[ids[at]!] = 1
    })
    return { bits, count: total(bits) }
  }
  const orderOf = ({ by, descending }: TraceSort): Uint32Array => {
    if (by === 'id') return descending ? everyId().toReversed() : everyId()
    const ids = everyId()
    const both = orders.get(by, () => ordersOf(ids, traces.column(by, ids.at(-1) ?? 0)))
    return descending ? both.descending : both.ascending
  }

  /** Null when every trace is in. */
  const membersOf = ({ search: query, ...rest }: Filter): Members | null => {
    const parts: Members[] = []
    if (query !== undefined) parts.push(members.get(JSON.stringify(query), () => found(query)))
    if (narrows(rest))
      parts.push(members.get(JSON.stringify(rest), () => collect(everyId(), traces.ids(rest, tell))))
    return parts.length < 2 ? (parts[0] ?? null) : intersect(parts[0]!, parts[1]!)
  }

  /** The first that a search finds, by id; null when it takes all that it finds to know. */
  const firstFound = ({ search: query, ...rest }: Filter & { search: string }, limit: number) => {
    const inside = membersOf(rest)
    const isIn = (id: number) => inside === null || inside.bits[id] === 1
    const own = search.first(query, limit, isIn)
    if (own === null) return null
    const asked = new Set(search.prompts(query))
    if (asked.size === 0) return Uint32Array.from(own)
    const last = own.length === limit ? own.at(-1)! : Infinity
    const byPrompt: number[] = []
    const [ids, promptOf] = [everyId(), promptOfEach()]
    for (let at = 0; at < ids.length && ids[at]! < last && byPrompt.length < limit; at++)
      if (asked.has(promptOf[at]!) && isIn(ids[at]!)) byPrompt.push(ids[at]!)
    return Uint32Array.from(new Set([...own, ...byPrompt]))
      .sort()
      .slice(0, limit)
  }
  /** The first of a selection that is new, by id; null when it takes all that is in it to know. */
  const firstOf = (filter: Filter, limit: number): Uint32Array | null => {
    const { search: query, ...rest } = filter
    if (query !== undefined)
      return members.has(JSON.stringify(query)) ? null : firstFound({ ...rest, search: query }, limit)
    return narrows(rest) && !members.has(JSON.stringify(rest)) ? traces.first(rest, limit) : null
  }
  const ids = (filter: Filter, sort: TraceSort) =>
    selections.get(JSON.stringify([filter, sort]), () => {
      const inside = membersOf(filter)
      if (inside === null) return orderOf(sort)
      if (inside.count <= FEW && sort.by !== 'id' && !orders.has(sort.by))
        return traces.sorted(pickFrom(everyId(), inside), sort)
      return pickFrom(orderOf(sort), inside)
    })

  return {
    ids,
    page(filter, sort, offset, limit) {
      const end = offset + limit
      const soon = sort.by === 'id' && !sort.descending && end <= SOON
      return ((soon ? firstOf(filter, end) : null) ?? ids(filter, sort)).subarray(offset, end)
    },
    count: (filter) => membersOf(filter)?.count ?? everyId().length,
    prepare() {
      if (prompts === null) return promptOfEach().length > 0
      const by = SORTED.find((column) => !orders.has(column))
      if (by === undefined || orders.size() >= room()) return false
      orderOf({ by, descending: false })
      return true
    },
    forget(changed) {
      const stale = changed === 'traces' ? () => true : (key: string) => key.includes('"labelled":')
      if (changed === 'traces') {
        all = null
        prompts = null
        orders.drop(stale)
      }
      members.drop(stale)
      selections.drop(stale)
    },
  }
}

/** Whether a filter leaves anything out: conditions may be there without a value. */
export const narrows = (filter: Filter): boolean => Object.values(filter).some((value) => value !== undefined)

function collect(all: Uint32Array | readonly number[], list: readonly number[]): Members {
  const bits = new Uint8Array((all.at(-1) ?? 0) + 1)
  for (const id of list) bits[id] = 1
  return { bits, count: total(bits) }
}

function total(bits: Uint8Array): number {
  let count = 0
  for (const bit of bits) count += bit
  return count
}

function intersect(a: Members, b: Members): Members {
  const bits = a.bits.map((bit, id) => bit & (b.bits[id] ?? 0))
  return { bits, count: total(bits) }
}

function pickFrom(order: Uint32Array, { bits, count }: Members): Uint32Array {
  const picked = new Uint32Array(count)
  let at = 0
  for (const id of order) if (bits[id] === 1) picked[at++] = id
  return picked
}

/** The values used last, by key. */
function remember<T>(most: () => number) {
  const kept = new Map<string, T>()
  return {
    has: (key: string) => kept.has(key),
    size: () => kept.size,
    get(key: string, make: () => T): T {
      const value = kept.get(key) ?? make()
      kept.delete(key)
      kept.set(key, value)
      if (kept.size > most()) kept.delete(kept.keys().next().value!)
      return value
    },
    drop(stale: (key: string) => boolean) {
      for (const key of kept.keys()) if (stale(key)) kept.delete(key)
    },
  }
}
