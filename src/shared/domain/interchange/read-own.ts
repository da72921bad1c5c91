import { z } from 'zod'
import { countOne } from '../counts.ts'
import type { OffsetConverter } from '../offsets.ts'
import { AnnotatorName, invalidField, readSpan } from './fields.ts'
import type { InterchangeOwn, InterchangeOwnPrediction } from './types.ts'

/** As long as names of behaviours may be. */
const Name = z.string().trim().min(1).max(60)

const Label = z.object({
  start: z.number(),
  end: z.number(),
  behaviour: Name,
  verdict: z.enum(['present', 'absent']),
  annotator: AnnotatorName,
  at: z.string().nullable().default(null),
})
const Prediction = z.object({
  behaviour: Name,
  model: z.string(),
  model_version: z.string(),
  version: z.int().nonnegative(),
  threshold: z.number().min(0).max(1),
  probabilities: z.array(z.number().min(0).max(1)),
})

/** Fields of an interchange row for behaviours of people's own; rows of older versions have none. */
export const OwnRows = {
  own_annotations: z.array(Label).default([]),
  own_predictions: z.array(Prediction).default([]),
}

/**
 * Behaviours of people's own in a row.
 * @param steps how many steps the row has; null where it has none
 * @throws CairnError `bad_request` with `details.field` naming what does not fit
 */
export function readOwn(
  row: z.infer<z.ZodObject<typeof OwnRows>>,
  steps: number | null,
  offsets: OffsetConverter,
): InterchangeOwn {
  return {
    labels: row.own_annotations.map((label, index) => {
      const at = `own_annotations[${index}]`
      return { ...label, ...readSpan(offsets, [label.start, label.end], [`${at}.start`, `${at}.end`]) }
    }),
    predictions: row.own_predictions.map((said, index) => readPrediction(said, index, steps)),
  }
}

function readPrediction(
  { model_version: modelVersion, ...said }: z.infer<typeof Prediction>,
  index: number,
  steps: number | null,
): InterchangeOwnPrediction {
  const given = said.probabilities.length
  if (given !== steps)
    throw invalidField(
      `own_predictions[${index}].probabilities`,
      `has ${given} entries for ${steps ?? 'no'} steps`,
    )
  const probabilities = Float32Array.from(said.probabilities)
  return { ...said, modelVersion, probabilities, ...countOne(probabilities, said.threshold) }
}
