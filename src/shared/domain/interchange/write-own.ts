import type { OffsetConverter } from '../offsets.ts'
import { shortestFloat32 } from './float32.ts'
import { pairIn } from './pairs.ts'
import type { InterchangeOwn, InterchangeOwnPrediction } from './types.ts'

export type OwnLabelRow = {
  readonly start: number
  readonly end: number
  readonly behaviour: string
  readonly verdict: string
  readonly annotator: string
  readonly at: string | null
}

export type OwnPredictionRow = {
  readonly behaviour: string
  readonly model: string
  readonly model_version: string
  readonly version: number
  readonly threshold: number
  readonly steps: number
  readonly episodes: number
  readonly probabilities: readonly number[]
}

/** Labels of behaviours of people's own, with their offsets in the converter's unit. */
export function ownLabelRows(
  { response, own }: { response: string; own: InterchangeOwn },
  offsets: OffsetConverter,
): OwnLabelRow[] {
  const pair = pairIn(response, offsets)
  return own.labels.map((label) => {
    const [start, end] = pair(label)
    const { behaviour, verdict, annotator, at } = label
    return { start, end, behaviour, verdict, annotator, at }
  })
}

/** What heads of behaviours of people's own say, each number as short as it can be. */
export function ownPredictionRows(predictions: readonly InterchangeOwnPrediction[]): OwnPredictionRow[] {
  return predictions.map(
    ({ behaviour, model, modelVersion, version, threshold, steps, episodes, probabilities }) => ({
      ...{ behaviour, model, model_version: modelVersion, version, threshold, steps, episodes },
      probabilities: Array.from(probabilities, shortestFloat32),
    }),
  )
}
