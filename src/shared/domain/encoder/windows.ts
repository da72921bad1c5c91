import type { WordPieces } from './word-pieces.ts'

/** How an encoder's windows are cut, in word pieces; stored in its manifest. */
export interface WindowConfig {
  /** Longest window, its `cls` and every `sep` counted. */
  window: number
  /** At most so many pieces of a window repeat the steps before its own, `cls` counted. */
  context: number
  /** Longest step; of a longer one the first and the last half are kept. */
  longest: number
  /** Ids of the pieces that open a window, end a step and fill a batch up. */
  cls: number
  sep: number
  pad: number
}

/** A run of whole steps as the encoder reads them, after some of the steps before. */
export interface Window {
  ids: readonly number[]
  /** The window's own steps are `first`, `first + 1`, …: one for each of `spans`. */
  first: number
  /** Pieces `[from, to)` of each own step. */
  spans: readonly (readonly [number, number])[]
}

/**
 * Word pieces of each step, `sep` at its end.
 * @param bounds `[start0, end0, …]` of the steps, UTF-16
 */
export function stepPieces(
  text: string,
  bounds: Uint32Array,
  pieces: WordPieces,
  { longest, sep }: WindowConfig,
): number[][] {
  const half = longest >> 1
  return Array.from({ length: bounds.length / 2 }, (_, step) => {
    const ids = pieces(text.slice(bounds[step * 2], bounds[step * 2 + 1]))
    return ids.length > longest ? [...ids.slice(0, half), ...ids.slice(-half), sep] : [...ids, sep]
  })
}

/**
 * Packs steps into windows, in order: each holds as many whole steps as fit, after as many of the steps before
 * as fit into `context`. Every step is the own step of exactly one window.
 * @param steps pieces of each step, none longer than `longest` + 1
 */
export function windowsOf(steps: readonly (readonly number[])[], config: WindowConfig): Window[] {
  const windows: Window[] = []
  let at = 0
  while (at < steps.length) {
    let back = at
    let length = 1
    while (back > 0 && length + steps[back - 1]!.length <= config.context) length += steps[--back]!.length
    const ids = [config.cls]
    const append = (step: number) => {
      for (const id of steps[step]!) ids.push(id)
    }
    for (let step = back; step < at; step++) append(step)
    const first = at
    const spans: [number, number][] = []
    while (at < steps.length && (spans.length === 0 || ids.length + steps[at]!.length <= config.window)) {
      const from = ids.length
      append(at++)
      spans.push([from, ids.length])
    }
    windows.push({ ids, first, spans })
  }
  return windows
}
