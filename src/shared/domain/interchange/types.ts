import type { Behaviour } from '../behaviours.ts'
import type { Span } from '../trace.ts'

/** Value of a row's `format` field. */
export const INTERCHANGE_FORMAT = 'cairn.annotations'
export const INTERCHANGE_VERSION = 1

/**
 * The target of an annotation that points at the problem itself: a check of the problem statement, a
 * return to the very start. It is the empty span at the beginning of the response, which no marked
 * span can be, since those hold at least one character; `null` stays "not marked".
 */
export const PROBLEM_TARGET: Readonly<Span> = Object.freeze({ start: 0, end: 0 })

/** Whether a target is the problem itself and no span of the response. */
export function isProblemTarget(target: Span): boolean {
  return target.start === 0 && target.end === 0
}

/** A person's label. Offsets are UTF-16 code units of the response. */
export interface InterchangeAnnotation {
  start: number
  end: number
  behaviour: Behaviour
  verdict: 'present' | 'absent'
  annotator: string
  /** ISO time of the label; null where the file does not say. */
  at: string | null
  target: Span | null
  note: string
}

/** The classifier's output for one trace. */
export interface InterchangePrediction {
  model: string
  version: string
  thresholds: readonly number[]
  /** steps × behaviours in the order of `BEHAVIOURS`, row-major. */
  probabilities: Float32Array
}

/** A person's label of a behaviour of their own, which goes by its name. */
export interface InterchangeOwnLabel {
  start: number
  end: number
  behaviour: string
  verdict: 'present' | 'absent'
  annotator: string
  /** ISO time of the label; null where the file does not say. */
  at: string | null
}

/** What the head of a behaviour of a person's own says of one trace. */
export interface InterchangeOwnPrediction {
  behaviour: string
  /** The model whose features the head reads, and which training of the head it was. */
  model: string
  modelVersion: string
  version: number
  threshold: number
  /** At the threshold. */
  steps: number
  episodes: number
  /** One for each step. */
  probabilities: Float32Array
}

/** Behaviours of people's own in one trace. */
export interface InterchangeOwn {
  labels: readonly InterchangeOwnLabel[]
  predictions: readonly InterchangeOwnPrediction[]
}

/** What an interchange row holds, in memory. Offsets are UTF-16 code units of the response. */
export interface InterchangeTrace {
  run: string | null
  checkpoint: number | null
  key: string | null
  sample: number | null
  /** What the model was asked; null where the file does not say. */
  prompt: string | null
  response: string
  /** SHA-256 of the response, hex; null where the file does not say. */
  textHash: string | null
  /** Step boundaries `[start0, end0, …]`; null when the trace has none. */
  bounds: Uint32Array | null
  /** Version of the segmenter that made the steps. */
  segmenter: number | null
  prediction: InterchangePrediction | null
  annotations: readonly InterchangeAnnotation[]
  own: InterchangeOwn
}
