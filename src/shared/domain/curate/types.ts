import type { Behaviour } from '../behaviours.ts'
import type { Dated } from '../last-word.ts'
import type { Json, Message } from '../trace.ts'

/** A person's label, as far as recipes ask. Offsets are UTF-16 code units of the response. */
export interface SpanLabel extends Dated {
  readonly start: number
  readonly end: number
  readonly behaviour: Behaviour
  readonly verdict: 'present' | 'absent'
}

/** A trace with all that a recipe may ask of it. Offsets are UTF-16 code units of the response. */
export interface CurateTrace {
  /** Rises with the order of the source; unique in it. */
  readonly id: number
  /** Where it came from: name of the file and row in it, from 0. */
  readonly source: { readonly name: string; readonly row: number }
  readonly run: string
  readonly checkpoint: number | null
  readonly key: string | null
  readonly sample: number | null
  readonly prompt: string
  readonly messages: readonly Message[] | null
  readonly response: string
  readonly reference: string | null
  readonly reward: number | null
  /** As the file has it. */
  readonly correct: boolean | null
  readonly truncated: boolean | null
  readonly tokens: number | null
  readonly metadata: { readonly [key: string]: Json }
  /** SHA-256 of the response, hex. */
  readonly textHash: string
  readonly bounds: Uint32Array | null
  /** Version of the segmenter that made the steps. */
  readonly segmenter: number | null
  readonly prediction: {
    readonly model: string
    readonly version: string
    /** steps × behaviours, row-major. */
    readonly probabilities: Float32Array
    readonly thresholds: readonly number[]
  } | null
  readonly annotations: readonly SpanLabel[]
  /** Of behaviours of people's own, by their names in small letters, where heads have looked at the trace. */
  readonly own?: { readonly [name: string]: { readonly steps: number; readonly episodes: number } }
}

/** A step of a row's text, with the behaviours it shows as bits in the order of `BEHAVIOURS`. UTF-16. */
export interface LabelledStep {
  readonly start: number
  readonly end: number
  readonly shows: number
}

/** What the labels of a trace rest on. `file`: the trace came with labels of all its steps. */
export type LabelSource = 'people' | 'file' | 'predictions' | 'nothing'

/** Counts lengths. `unit` says of what, in the manifest too. */
export interface TokenCounter {
  readonly unit: string
  count(text: string): number
  /** What is counted, as texts to look at. */
  pieces(text: string): string[]
}
