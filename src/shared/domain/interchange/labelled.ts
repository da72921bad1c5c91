import { z } from 'zod'
import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { createOffsetConverter } from '../offsets.ts'
import type { Json, Span } from '../trace.ts'
import { AnnotatorName, invalidField, parseRow, readSpan, readSteps, UNNAMED } from './fields.ts'
import {
  INTERCHANGE_FORMAT,
  PROBLEM_TARGET,
  type InterchangeAnnotation,
  type InterchangeTrace,
} from './types.ts'

const Annotation = z.object({
  step: z.int(),
  start: z.number(),
  end: z.number(),
  behaviours: z.array(z.enum(BEHAVIOURS)),
  verifies: z.int().nullish(),
  returns_to: z.int().nullish(),
})
const Row = z.object({
  id: z.union([z.string(), z.number()]).nullish(),
  model: z.string().nullish(),
  annotator: AnnotatorName.nullish(),
  prompt: z.string().nullish().catch(null),
  text: z.string(),
  steps: z.array(z.tuple([z.number(), z.number()])),
  annotations: z.array(Annotation),
})

/**
 * Which kind of label file a row belongs to: Cairn's own, or `steps` with `annotations` on them
 * (code points); null for neither.
 */
export function labelRowKind(row: Json): 'interchange' | 'labelled' | null {
  if (typeof row !== 'object' || row === null || !('annotations' in row)) return null
  if ('format' in row && row['format'] === INTERCHANGE_FORMAT) return 'interchange'
  return 'steps' in row && 'text' in row ? 'labelled' : null
}

/**
 * Reads a row of sentence-level labels: `text`, `steps` and `annotations` with offsets in code points,
 * where an annotation carries several behaviours and points at other steps by index. It becomes one
 * annotation for each behaviour: `verifies` is the target of a verification, `returns_to` that of a
 * backtracking, and −1, the problem itself, is `PROBLEM_TARGET`. Such rows say neither when a label was
 * made (`at` is null) nor the text's hash.
 *
 * @throws CairnError `bad_request` with `details.field` naming what does not fit
 */
export function fromLabelledRow(row: unknown): InterchangeTrace {
  const parsed = parseRow(Row, row)
  const offsets = createOffsetConverter(parsed.text, 'code_points')
  const bounds = readSteps(offsets, parsed.steps)
  const annotations = parsed.annotations.flatMap((annotation, index): InterchangeAnnotation[] => {
    const at = `annotations[${index}]`
    const span = readSpan(offsets, [annotation.start, annotation.end], [`${at}.start`, `${at}.end`])
    const targets: Partial<Record<Behaviour, Span | null>> = {
      verification: stepTarget(bounds, annotation.verifies, `${at}.verifies`),
      backtracking: stepTarget(bounds, annotation.returns_to, `${at}.returns_to`),
    }
    return annotation.behaviours.map((behaviour) => ({
      ...span,
      behaviour,
      verdict: 'present',
      annotator: parsed.annotator ?? UNNAMED,
      at: null,
      target: targets[behaviour] ?? null,
      note: '',
    }))
  })
  return {
    run: parsed.model ?? null,
    checkpoint: null,
    key: parsed.id == null ? null : String(parsed.id),
    sample: null,
    prompt: parsed.prompt ?? null,
    response: parsed.text,
    textHash: null,
    bounds,
    segmenter: null,
    prediction: null,
    annotations,
    own: { labels: [], predictions: [] },
  }
}

function stepTarget(bounds: Uint32Array, step: number | null | undefined, field: string): Span | null {
  if (step == null) return null
  if (step === -1) return { ...PROBLEM_TARGET }
  if (step < 0 || step * 2 >= bounds.length) {
    throw invalidField(field, `is ${step}; there are ${bounds.length / 2} steps`)
  }
  return { start: bounds[step * 2]!, end: bounds[step * 2 + 1]! }
}
