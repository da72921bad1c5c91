import { z } from 'zod'
import { BEHAVIOURS } from '../behaviours.ts'
import { createOffsetConverter, type OffsetConverter } from '../offsets.ts'
import type { Span } from '../trace.ts'
import { AnnotatorName, invalidField, parseRow, readSpan, readSteps } from './fields.ts'
import { OwnRows, readOwn } from './read-own.ts'
import {
  INTERCHANGE_FORMAT,
  INTERCHANGE_VERSION,
  PROBLEM_TARGET,
  type InterchangeAnnotation,
  type InterchangePrediction,
  type InterchangeTrace,
} from './types.ts'

const Pair = z.tuple([z.number(), z.number()])
const Prediction = z.object({
  model: z.string(),
  version: z.string(),
  thresholds: z.array(z.number()),
  behaviours: z.array(z.string()),
  probabilities: z.array(z.array(z.number().min(0).max(1))),
})
const Annotation = z.object({
  start: z.number(),
  end: z.number(),
  behaviour: z.enum(BEHAVIOURS),
  verdict: z.enum(['present', 'absent']),
  annotator: AnnotatorName,
  at: z.string().nullable().default(null),
  target: Pair.nullable().default(null),
  note: z.string().default(''),
})
const Header = z.object({ format: z.literal(INTERCHANGE_FORMAT), version: z.int().positive() })
const Row = z.object({
  trace: z.object({
    run: z.string().nullable().default(null),
    checkpoint: z.number().nullable().default(null),
    key: z.string().nullable().default(null),
    sample: z.number().nullable().default(null),
  }),
  prompt: z.string().nullable().default(null),
  text_hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in lower-case hex')
    .nullable()
    .default(null),
  offset_unit: z.enum(['code_points', 'utf16', 'utf8_bytes']),
  segmenter: z.int().nullable().default(null),
  text: z.string().nullable().default(null),
  steps: z.array(Pair).nullable().default(null),
  prediction: Prediction.nullable().default(null),
  annotations: z.array(Annotation),
  ...OwnRows,
})

/**
 * Reads one row that `toInterchange` wrote. Fields it does not know are ignored.
 *
 * @param text the response, for rows without one; the caller finds it by `text_hash`, which is not
 *   checked against the text here
 * @throws CairnError `bad_request` with `details.field` naming what does not fit
 */
export function fromInterchange(row: unknown, text: string | null = null): InterchangeTrace {
  const { version } = parseRow(Header, row)
  if (version > INTERCHANGE_VERSION) {
    throw invalidField('version', `is ${version}; this Cairn reads up to ${INTERCHANGE_VERSION}: update it`)
  }
  const parsed = parseRow(Row, row)
  const response = parsed.text ?? text
  if (response === null) throw invalidField('text', 'is missing and no trace with this text is known')
  const offsets = createOffsetConverter(response, parsed.offset_unit)
  return {
    ...parsed.trace,
    prompt: parsed.prompt,
    response,
    textHash: parsed.text_hash,
    bounds: parsed.steps && readSteps(offsets, parsed.steps),
    segmenter: parsed.segmenter,
    prediction: parsed.prediction && readPrediction(parsed.prediction, parsed.steps?.length ?? null),
    annotations: parsed.annotations.map((annotation, index) => readAnnotation(annotation, index, offsets)),
    own: readOwn(parsed, parsed.steps?.length ?? null, offsets),
  }
}

function readAnnotation(
  annotation: z.infer<typeof Annotation>,
  index: number,
  offsets: OffsetConverter,
): InterchangeAnnotation {
  const at = `annotations[${index}]`
  const { start, end } = annotation
  return {
    ...annotation,
    ...readSpan(offsets, [start, end], [`${at}.start`, `${at}.end`]),
    target: annotation.target && readTarget(annotation.target, `${at}.target`, offsets),
  }
}

function readTarget(target: [number, number], field: string, offsets: OffsetConverter): Span {
  if (target[0] === 0 && target[1] === 0) return { ...PROBLEM_TARGET }
  return readSpan(offsets, target, [`${field}[0]`, `${field}[1]`])
}

/** Puts the row's behaviours, which it may list in any order, into the order of `BEHAVIOURS`. */
function readPrediction(row: z.infer<typeof Prediction>, steps: number | null): InterchangePrediction {
  const { model, version, thresholds, behaviours, probabilities } = row
  const width = BEHAVIOURS.length
  const columns = BEHAVIOURS.map((behaviour) => behaviours.indexOf(behaviour))
  if (behaviours.length !== width || columns.includes(-1)) {
    throw invalidField('prediction.behaviours', `must name each of ${BEHAVIOURS.join(', ')} once`)
  }
  if (thresholds.length !== width) {
    throw invalidField('prediction.thresholds', `has ${thresholds.length} entries for ${width} behaviours`)
  }
  if (probabilities.length !== steps) {
    throw invalidField(
      'prediction.probabilities',
      `has ${probabilities.length} rows for ${steps ?? 'no'} steps`,
    )
  }
  const matrix = new Float32Array(probabilities.length * width)
  for (const [index, values] of probabilities.entries()) {
    if (values.length !== width) {
      const field = `prediction.probabilities[${index}]`
      throw invalidField(field, `has ${values.length} entries for ${width} behaviours`)
    }
    matrix.set(
      columns.map((column) => values[column]!),
      index * width,
    )
  }
  return { model, version, thresholds: columns.map((column) => thresholds[column]!), probabilities: matrix }
}
