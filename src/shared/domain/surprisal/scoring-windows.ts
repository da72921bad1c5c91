import type { CausalLmManifest } from '../models/manifest.ts'

/** Part of a text as a language model reads it. */
export interface ScoringWindow {
  ids: readonly number[]
  /** Place of the window's first token in the text. */
  first: number
  /** Tokens of the window from here on are asked about; at least 1, for what has nothing before it cannot be. */
  from: number
}

/** Numbers of a window's answer at most, 32 bits each: a gibibyte. */
const WINDOW_LOGITS = 2 ** 28
/** The same for models whose manifest names no window. */
const UNNAMED_WINDOW_LOGITS = 2 ** 26

/**
 * Tokens that a language model is given at once at most: it answers with a number for each token of its vocabulary at
 * each place, so that a large vocabulary makes windows short (2,092 tokens at 128,256, 1,024 at 262,144).
 */
export const windowTokens = (maxTokens: number, vocabulary: number, logits = WINDOW_LOGITS): number =>
  Math.max(8, Math.min(maxTokens, Math.floor(logits / vocabulary)))

/**
 * Tokens of a window of a model that was taken in: what its manifest names. Early ones name none; those models go on
 * with the shorter windows that they began with, so that one version's scores stay comparable.
 */
export const windowOf = (manifest: Pick<CausalLmManifest, 'window' | 'maxTokens' | 'vocabulary'>): number =>
  manifest.window ?? windowTokens(manifest.maxTokens, manifest.vocabulary, UNNAMED_WINDOW_LOGITS)

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
