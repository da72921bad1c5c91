import { BEHAVIOURS } from '../behaviours.ts'
import { createOffsetConverter, type OffsetConverter, type OffsetUnit } from '../offsets.ts'
import { shortestFloat32 } from './float32.ts'
import { ownLabelRows, ownPredictionRows, type OwnLabelRow, type OwnPredictionRow } from './write-own.ts'
import { pairIn, type Pair } from './pairs.ts'
import {
  INTERCHANGE_FORMAT,
  INTERCHANGE_VERSION,
  type InterchangeAnnotation,
  type InterchangePrediction,
  type InterchangeTrace,
} from './types.ts'

/** The interchange form of one trace's annotations and predictions; a JSON value. */
export type InterchangeRow = {
  readonly format: string
  readonly version: number
  readonly trace: {
    readonly run: string | null
    readonly checkpoint: number | null
    readonly key: string | null
    readonly sample: number | null
  }
  readonly prompt: string | null
  readonly text_hash: string | null
  readonly offset_unit: OffsetUnit
  readonly segmenter: number | null
  readonly text: string
  readonly steps: readonly Pair[] | null
  readonly prediction: PredictionRow | null
  readonly annotations: readonly AnnotationRow[]
  readonly own_annotations: readonly OwnLabelRow[]
  readonly own_predictions: readonly OwnPredictionRow[]
}

type PredictionRow = {
  readonly model: string
  readonly version: string
  readonly thresholds: readonly number[]
  readonly behaviours: readonly string[]
  readonly probabilities: readonly (readonly number[])[]
}

type AnnotationRow = {
  readonly start: number
  readonly end: number
  readonly behaviour: string
  readonly verdict: string
  readonly annotator: string
  readonly at: string | null
  readonly target: Pair | null
  readonly note: string
}

/**
 * One trace as a row of Cairn's lossless format for annotations and predictions. The text is part of
 * the row, so that `text[start:end]` means something without any other file. Every offset counts in
 * `unit`; a span that cuts a surrogate pair, which only UTF-16 offsets can, is widened to the whole
 * character in the other units. `fromInterchange` reads the row back.
 */
export function toInterchange(trace: InterchangeTrace, unit: OffsetUnit): InterchangeRow {
  const offsets = createOffsetConverter(trace.response, unit)
  return {
    format: INTERCHANGE_FORMAT,
    version: INTERCHANGE_VERSION,
    trace: { run: trace.run, checkpoint: trace.checkpoint, key: trace.key, sample: trace.sample },
    prompt: trace.prompt,
    text_hash: trace.textHash,
    offset_unit: unit,
    segmenter: trace.segmenter,
    text: trace.response,
    steps: stepPairs(trace.bounds, offsets),
    prediction: trace.prediction && predictionRow(trace.prediction),
    annotations: annotationRows(trace, offsets),
    own_annotations: ownLabelRows(trace, offsets),
    own_predictions: ownPredictionRows(trace.own.predictions),
  }
}

/** Step boundaries `[start0, end0, …]` as pairs in the converter's unit; null stays null. */
export function stepPairs(bounds: Uint32Array | null, offsets: OffsetConverter): Pair[] | null {
  if (bounds === null) return null
  const pairs: Pair[] = []
  for (let index = 0; index < bounds.length; index += 2) {
    pairs.push([offsets.fromUtf16(bounds[index]!), offsets.fromUtf16(bounds[index + 1]!)])
  }
  return pairs
}

/** A prediction with its probabilities as one row a step, each number as short as it can be. */
export function predictionRow(prediction: InterchangePrediction): PredictionRow {
  const width = BEHAVIOURS.length
  const probabilities: number[][] = []
  for (let start = 0; start < prediction.probabilities.length; start += width) {
    const row: number[] = []
    for (let at = start; at < start + width; at++) row.push(shortestFloat32(prediction.probabilities[at]!))
    probabilities.push(row)
  }
  return {
    model: prediction.model,
    version: prediction.version,
    thresholds: [...prediction.thresholds],
    behaviours: BEHAVIOURS,
    probabilities,
  }
}

/** The annotations of a trace with their offsets in the converter's unit. */
export function annotationRows(
  { response, annotations }: { response: string; annotations: readonly InterchangeAnnotation[] },
  offsets: OffsetConverter,
): AnnotationRow[] {
  const pair = pairIn(response, offsets)
  return annotations.map((annotation) => {
    const [start, end] = pair(annotation)
    return {
      start,
      end,
      behaviour: annotation.behaviour,
      verdict: annotation.verdict,
      annotator: annotation.annotator,
      at: annotation.at,
      target: annotation.target && pair(annotation.target),
      note: annotation.note,
    }
  })
}
