import { readSurface } from '../../features/surface.ts'
import { readCues } from './cues.ts'
import { createLexicon, type Lexicon } from './lexicon.ts'

/** What is known of a trace's steps before any target is chosen. */
export interface Facts {
  readonly steps: number
  readonly lexicon: Lexicon
  readonly cues: Int32Array
  /** Bit 0: a paragraph starts here; bit 1: a line; bit 2: a list item. */
  readonly layout: Uint8Array
  /** Steps × four behaviours, 0 or 1, in the order of `BEHAVIOURS`. */
  readonly shown: Uint8Array
}

export const PARAGRAPH = 1
export const LINE = 2
export const ITEM = 4

/** Reads a trace's steps `[start, end, …]` (UTF-16). `shown` says which behaviours each step shows. */
export function readFacts(text: string, bounds: Uint32Array, shown: Uint8Array): Facts {
  const steps = bounds.length >>> 1
  const cues = new Int32Array(steps)
  const layout = new Uint8Array(steps)
  for (let step = 0; step < steps; step++) {
    const start = bounds[step * 2]!
    const end = bounds[step * 2 + 1]!
    cues[step] = readCues(text.slice(start, end))
    const surface = readSurface(text, start, end)
    layout[step] =
      (surface.paragraph ? PARAGRAPH : 0) | (surface.newline ? LINE : 0) | (surface.list ? ITEM : 0)
  }
  return { steps, lexicon: createLexicon(text, bounds), cues, layout, shown }
}
