import type { TraceDraft } from '#shared/domain/trace.ts'

/** What the elements of a record became. */
export interface Elements {
  traces: TraceDraft[]
  rejects: { code: 'no_response'; message: string }[]
}

/**
 * Reads the elements of a record, each by itself: a bad one costs only itself.
 * @param read makes a trace of the element at a place, or says what is wrong with it
 */
export function eachOf<T>(list: readonly T[], read: (one: T, at: number) => TraceDraft | string): Elements {
  const elements: Elements = { traces: [], rejects: [] }
  for (const [at, one] of list.entries()) {
    const trace = read(one, at)
    if (typeof trace === 'string') elements.rejects.push({ code: 'no_response', message: trace })
    else elements.traces.push(trace)
  }
  return elements
}
