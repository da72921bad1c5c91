const KEY = 'cairn.traces.place'

interface Place {
  readonly query: string
  readonly at: number
}

/** Remembers the row one was on, for the way back from a trace and for a reload. */
export function rememberPlace(query: string, at: number): void {
  const place: Place = { query, at }
  sessionStorage.setItem(KEY, JSON.stringify(place))
}

/** The row one was on in this selection; the first when it was another one. */
export function lastPlace(query: string): number {
  const stored = sessionStorage.getItem(KEY)
  if (stored === null) return 0
  const place = JSON.parse(stored) as Place
  return place.query === query ? place.at : 0
}
