export type View = 'library' | 'settings' | 'rejects' | 'traces' | 'trace'

/** Where the person is: kept in the address, so that reload, back and links work. */
export interface Route {
  readonly view: View
  /** Of the trace, or of the source whose rejects are shown. */
  readonly id: number | null
  /** The selection of traces: filter and sort, as `features/traces` writes them. */
  readonly query: string
}

/** Reads an address' hash. What cannot be read is the library. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s)
  const [view, given] = path.split('/')
  const id = given !== undefined && /^[1-9]\d{0,14}$/.test(given) ? Number(given) : null
  if (view === 'trace' && id !== null) return { view, id, query }
  if (view === 'traces') return { view, id: null, query }
  if (view === 'settings') return { view, id: null, query: '' }
  if (view === 'rejects') return { view, id, query: '' }
  return { view: 'library', id: null, query: '' }
}

/** The inverse of `parseRoute`. */
export function formatRoute({ view, id, query }: Route): string {
  return `#/${view}${id === null ? '' : `/${id}`}${query === '' ? '' : `?${query}`}`
}

/** Address of a trace within a selection. */
export const traceHref = (id: number, query: string) => formatRoute({ view: 'trace', id, query })
/** Address of a selection of traces. */
export const tracesHref = (query: string) => formatRoute({ view: 'traces', id: null, query })
/** Address of the records that could not be imported, of one source or of all. */
export const rejectsHref = (sourceId: number | null) =>
  formatRoute({ view: 'rejects', id: sourceId, query: '' })
