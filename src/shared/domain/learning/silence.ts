import { lossOf } from './cross-validation.ts'

/**
 * Whoever labels what they see says nothing of the other steps. That may mean that nothing is there, or that the model is
 * right about them; which of the two is not known, so that what is learnt has to hold whichever it is.
 */

/** A value that both readings of silence bear out: the smaller of the two, or 0 where they point to different sides. */
export const borneOut = (nothingThere: number, modelRight: number): number =>
  nothingThere * modelRight <= 0
    ? 0
    : Math.abs(nothingThere) < Math.abs(modelRight)
      ? nothingThere
      : modelRight

/** Probabilities of the same steps before something was learnt, and after. */
interface Told {
  before: ArrayLike<number>
  after: ArrayLike<number>
}

/**
 * Whether what is gained on judged steps outweighs what changes on those that nobody has judged, whether nothing is there
 * or the model was right: the sum of all log-losses is less than before either way.
 * @param labels of the judged steps, 0 or 1
 */
export function outweighs(labels: Uint8Array, judged: Told, unjudged: Told): boolean {
  const gained = changeOf(judged, (step) => labels[step]!)
  const nothingThere = changeOf(unjudged, () => 0)
  const modelRight = changeOf(unjudged, (step) => unjudged.before[step]!)
  return gained + Math.max(nothingThere, modelRight) < 0
}

/** By how much the sum of log-losses rises, in nats, of steps that show something with these probabilities. */
function changeOf({ before, after }: Told, truth: (step: number) => number): number {
  let sum = 0
  for (let step = 0; step < before.length; step++)
    sum += lossOf(truth(step), after[step]!) - lossOf(truth(step), before[step]!)
  return sum
}
