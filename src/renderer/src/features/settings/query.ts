import { createContext } from 'svelte'

/** What the person looks for among the settings, for every row below the view. */
export const [useQuery, provideQuery] = createContext<() => string>()

/** Whether a query occurs in the texts as it is, or each of its words begins one of theirs. */
export function matches(query: string, ...texts: readonly string[]): boolean {
  const text = texts.join(' ').toLowerCase()
  const wanted = query.toLowerCase().trim()
  if (text.includes(wanted)) return true
  const words = text.split(/\s+/)
  return wanted.split(/\s+/).every((part) => words.some((word) => word.startsWith(part)))
}
