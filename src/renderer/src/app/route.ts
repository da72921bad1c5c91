export type View =
  'library' | 'settings' | 'rejects' | 'traces' | 'trace' | 'shapes' | 'pair' | 'models' | 'curate'

/** Where the person is: kept in the address, so that reload, back and links work. */
export interface Route {
  readonly view: View
  /** Of the trace, or of the source whose rejects are shown. */
  readonly id: number | null
  /** What of the view is shown, as the view writes it: of traces their filter and sort. */
  readonly query: string
}

/** Reads an address' hash. What cannot be read is the library. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s)
  const [view, given] = path.split('/')
  const id = given !== undefined && /^[1-9]\d{0,14}$/.test(given) ? Number(given) : null
  if (view === 'trace' && id !== null) return { view, id, query }
  if (view === 'pair' && id !== null) return { view, id, query }
  if (view === 'shapes') return { view, id: null, query }
  if (view === 'traces') return { view, id: null, query }
  if (view === 'models') return { view, id: null, query }
  if (view === 'curate') return { view, id: null, query }
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
/** A trace's query with a place in its text, UTF-16, that is to be shown first. */
export function atPlace(query: string, place: number): string {
  const params = new URLSearchParams(query)
  params.set('at', String(place))
  return params.toString()
}
/** The place that `atPlace` put there; null where there is none. */
export function placeIn(query: string): number | null {
  const at = new URLSearchParams(query).get('at')
  return at !== null && /^\d{1,9}$/.test(at) ? Number(at) : null
}
/** Address of a selection of traces. */
export const tracesHref = (query: string) => formatRoute({ view: 'traces', id: null, query })
/** Address of the shapes of a selection of traces. */
export const shapesHref = (query: string) => formatRoute({ view: 'shapes', id: null, query })
/** Address of two traces side by side. */
export const pairHref = (id: number, other: number) =>
  formatRoute({ view: 'pair', id, query: `with=${other}` })
/** Address of the records that could not be imported, of one source or of all. */
export const rejectsHref = (sourceId: number | null) =>
  formatRoute({ view: 'rejects', id: sourceId, query: '' })
