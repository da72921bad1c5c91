import { BEHAVIOURS } from '../behaviours.ts'
import { fromLabelledRow, labelRowKind } from '../interchange/labelled.ts'
import { fromInterchange } from '../interchange/read.ts'
import { segment } from '../segment/index.ts'
import type { Json } from '../trace.ts'
import { CairnError } from '../../errors.ts'
import { markedSteps } from './align.ts'

/** A trace to measure a model on: its text and what an annotator says of each step. */
export interface LabelledTrace {
  source: string
  problem: string
  prompt: string
  response: string
  /** The file's own steps `[start0, end0, …]`, UTF-16; Cairn's where it has none. */
  bounds: Uint32Array
  /** Steps × behaviours, row-major: 1 where the annotator sees the behaviour. */
  labels: Uint8Array
}

/**
 * Reads a row of a label file: `text`, `steps` and `annotations`, or Cairn's own export of annotations.
 * @throws CairnError `bad_request` naming what does not fit
 */
export function readLabelledTrace(row: Json): LabelledTrace {
  const kind = labelRowKind(row)
  if (kind === null)
    throw new CairnError(
      'bad_request',
      'it has no labels: neither "text", "steps" and "annotations" nor Cairn’s own.',
    )
  const { response, bounds, annotations, key, run } =
    kind === 'labelled' ? fromLabelledRow(row) : fromInterchange(row)
  const steps = bounds ?? segment(response)
  const labels = new Uint8Array((steps.length / 2) * BEHAVIOURS.length)
  for (const [column, behaviour] of BEHAVIOURS.entries()) {
    const seen = annotations.filter((one) => one.behaviour === behaviour && one.verdict === 'present')
    markedSteps(steps, seen).forEach((marked, step) => {
      labels[step * BEHAVIOURS.length + column] = marked
    })
  }
  return {
    source: textOf(row, 'source') ?? run ?? 'all',
    problem: textOf(row, 'problem') ?? textOf(row, 'prompt') ?? key ?? response,
    prompt: textOf(row, 'prompt') ?? '',
    response,
    bounds: steps,
    labels,
  }
}

function textOf(row: Json, field: string): string | null {
  const value = (row as Record<string, Json>)[field]
  return typeof value === 'string' ? value : null
}
