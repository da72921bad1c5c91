/** Why traces were dropped at a step of a recipe: what was found in them, in how many, and one to look at. */
export interface Reason {
  readonly why: string
  readonly count: number
  readonly traceId: number
}

/** Reasons that are told, the most frequent first. */
const TOLD = 6
/** Different reasons that are counted; a filter on lengths finds another one in every trace. */
const COUNTED = 5000

/** Counts reasons. */
export function createReasons() {
  const found = new Map<string, { count: number; traceId: number }>()
  return {
    add(why: string, traceId: number) {
      const known = found.get(why)
      if (known !== undefined) known.count++
      else if (found.size < COUNTED) found.set(why, { count: 1, traceId })
    },
    list: (): Reason[] =>
      [...found]
        .map(([why, { count, traceId }]) => ({ why, count, traceId }))
        .sort((a, b) => b.count - a.count || a.traceId - b.traceId)
        .slice(0, TOLD),
  }
}
