import type { Shape } from '../types.ts'
import { alpaca } from './alpaca.ts'
import { chatMessages, promptCompletion, shareGpt, trlCompletions } from './chat.ts'
import { countdownEval, countdownSft, stepCompletions } from './countdown.ts'
import { namedFields } from './fields.ts'
import { firstErrors } from './first-errors.ts'
import { inspectSamples } from './inspect.ts'
import { labelledRows } from './labelled.ts'
import { lmEval } from './lm-eval.ts'
import { math500 } from './math500.ts'
import { mathHarness } from './math-harness.ts'
import { openaiBatch } from './openai-batch.ts'
import { reasoningGym } from './reasoning-gym.ts'
import { searchPredictions } from './search-predictions.ts'
import { streamOfSearch } from './stream-of-search.ts'
import { plainText } from './text.ts'
import { thoughtAnchors } from './thought-anchors.ts'
import { treeOfThought } from './tree-of-thought.ts'
import { verlRollout } from './verl.ts'

/** Every shape, the most specific first; of equal scores the earlier wins. */
export const SHAPES: readonly Shape[] = [
  thoughtAnchors,
  inspectSamples,
  openaiBatch,
  lmEval,
  reasoningGym,
  mathHarness,
  treeOfThought,
  streamOfSearch,
  searchPredictions,
  labelledRows,
  firstErrors,
  math500,
  countdownEval,
  countdownSft,
  stepCompletions,
  verlRollout,
  trlCompletions,
  shareGpt,
  alpaca,
  chatMessages,
  promptCompletion,
  plainText,
  namedFields,
]

/** The shape with this id, or null. Any mapping of a user's can be read by `fields`. */
export function shapeById(id: string): Shape | null {
  return SHAPES.find((shape) => shape.id === id) ?? null
}
