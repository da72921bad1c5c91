/** Ids in the two orders of one column; nulls last in both, equal values by place in both. */
export interface Orders {
  readonly ascending: Uint32Array
  readonly descending: Uint32Array
}

/** Orders ids by their values, which are given in the ids' own, ascending order: a counting sort over the distinct values. */
export function ordersOf(ids: Uint32Array, values: readonly (number | null)[]): Orders {
  const distinct = Float64Array.from(new Set(values.filter((value) => value !== null))).sort()
  const rankOf = new Map<number | null, number>([[null, distinct.length]])
  for (const [rank, value] of distinct.entries()) rankOf.set(value, rank)
  const ranks = Uint32Array.from(values, (value) => rankOf.get(value)!)
  const last = distinct.length
  return {
    ascending: countingSort(ids, ranks, last + 1),
    descending: countingSort(
      ids,
      ranks.map((rank) => (rank === last ? last : last - 1 - rank)),
      last + 1,
    ),
  }
}

function countingSort(ids: Uint32Array, ranks: Uint32Array, kinds: number): Uint32Array {
  const next = new Uint32Array(kinds + 1)
  for (const rank of ranks) next[rank + 1]!++
  for (let rank = 0; rank < kinds; rank++) next[rank + 1]! += next[rank]!
  const sorted = new Uint32Array(ids.length)
  for (let at = 0; at < ids.length; at++) sorted[next[ranks[at]!]!++] = ids[at]!
  return sorted
}
