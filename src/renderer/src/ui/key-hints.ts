import { getContext, setContext } from 'svelte'

/** The keys that stand now for what a shortcut stood for at first; null when there are none any more. */
type Translate = (shortcut: string) => string | null

const KEY = Symbol('key hints')

/** Lets every hint below show the keys that the person chose. */
export function provideKeyHints(translate: Translate): void {
  setContext(KEY, translate)
}

/** What turns the shortcut of a hint into the one that holds. */
export function useKeyHints(): Translate {
  return getContext<Translate | undefined>(KEY) ?? ((shortcut) => shortcut)
}
