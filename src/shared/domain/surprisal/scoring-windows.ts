/** Part of a text as a language model reads it. */
export interface ScoringWindow {
  ids: readonly number[]
  /** Place of the window's first token in the text. */
  first: number
  /** Tokens of the window from here on are asked about; at least 1, for what has nothing before it cannot be. */
  from: number
}

/**
 * Cuts tokens into windows so that each one from `asked` on is asked about exactly once, with all of the text before it
 * where that fits, and otherwise with at least half a window of it: neighbours overlap by half. The first token of all
 * is never asked about.
 * @param longest tokens of a window, at least 2
 */
export function scoringWindows(ids: readonly number[], asked: number, longest: number): ScoringWindow[] {
  const half = longest >> 1
  const windows: ScoringWindow[] = []
  for (let next = Math.max(1, asked); next < ids.length;) {
    const end = Math.min(ids.length, windows.length === 0 && next < half ? longest : next + longest - half)
    const first = Math.max(0, end - longest)
    windows.push({ ids: ids.slice(first, end), first, from: next - first })
    next = end
  }
  return windows
}
