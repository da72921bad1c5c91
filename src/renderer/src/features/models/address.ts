/** What of the Models view is shown: kept in the address, so that reload, back and links work. */
export const TABS = [
  { id: 'about', title: 'About' },
  { id: 'thresholds', title: 'Thresholds' },
  { id: 'measure', title: 'Measure' },
  { id: 'compare', title: 'Compare' },
  { id: 'people', title: 'People' },
  { id: 'judge', title: 'Judge' },
] as const

export type Tab = (typeof TABS)[number]['id']

export interface Place {
  /** Id of the chosen model; empty: the one that is used. */
  readonly model: string
  readonly tab: Tab
  /** Id of the model it is compared with; empty: none chosen. */
  readonly other: string
}

/** Reads the query of the view's address. What cannot be read is left out. */
export function readPlace(query: string): Place {
  const fields = new URLSearchParams(query)
  return {
    model: fields.get('model') ?? '',
    tab: TABS.find(({ id }) => id === fields.get('tab'))?.id ?? 'about',
    other: fields.get('with') ?? '',
  }
}

/** The inverse of `readPlace`: an address. */
export function placeHref({ model, tab, other }: Place): string {
  const fields = new URLSearchParams()
  if (model !== '') fields.set('model', model)
  if (tab !== 'about') fields.set('tab', tab)
  if (other !== '') fields.set('with', other)
  const query = fields.toString()
  return `#/models${query === '' ? '' : `?${query}`}`
}
