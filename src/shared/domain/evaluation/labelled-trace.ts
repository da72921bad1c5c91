import { fromLabelledRow, labelRowKind } from '../interchange/labelled.ts'
import { fromInterchange } from '../interchange/read.ts'
import { problemKey } from '../problems/group.ts'
import { segment } from '../segment/index.ts'
import type { Json } from '../trace.ts'
import { CairnError } from '../../errors.ts'
import { judgedLabels } from './judged.ts'

/** A trace to measure a model on: its text and what an annotator says of each step. */
export interface LabelledTrace {
  source: string
  problem: string
  prompt: string
  response: string
  /** The file's own steps `[start0, end0, …]`, UTF-16; Cairn's where it has none. */
  bounds: Uint32Array
  /** Steps × behaviours, row-major: 0, 1, or `UNKNOWN_LABEL` where nobody has judged the step. */
  labels: Uint8Array
}

/**
 * Reads a row of a label file: `text`, `steps` and `annotations`, which one person has read throughout, or Cairn's own
 * export of annotations, of which only those steps count that somebody has judged. Null where such a row has no label.
 * @param judged false: an export of Cairn's was read throughout too, also its rows without labels
 * @throws CairnError `bad_request` naming what does not fit
 */
export function readLabelledTrace(row: Json, judged = true): LabelledTrace | null {
  const kind = labelRowKind(row)
  if (kind === null)
    throw new CairnError(
      'bad_request',
      'it has no labels: neither "text", "steps" and "annotations" nor Cairn’s own.',
    )
  const { prompt, response, bounds, annotations, key, run } =
    kind === 'labelled' ? fromLabelledRow(row) : fromInterchange(row)
  const onlyJudged = kind === 'interchange' && judged
  if (onlyJudged && annotations.length === 0) return null
  const steps = bounds ?? segment(response)
  return {
    source: textOf(row, 'source') ?? run ?? 'all',
    problem: problemKey(textOf(row, 'problem'), prompt, key, response),
    prompt: prompt ?? '',
    response,
    bounds: steps,
    labels: judgedLabels(steps, annotations, onlyJudged),
  }
}

function textOf(row: Json, field: string): string | null {
  const value = (row as Record<string, Json>)[field]
  return typeof value === 'string' ? value : null
}
