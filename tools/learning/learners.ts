import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { sigmoid } from '#shared/domain/adapt/adaptation.ts'
import { fitLinear, linearLogits } from '#shared/domain/learning/linear.ts'
import { mixed, ownHead, reweight, uniformWeights } from '#shared/domain/learning/reweight.ts'

/** Steps with what the model makes of them; labels steps × behaviours. */
export interface Steps {
  features: Float32Array
  logits: Float32Array
  labels: Uint8Array
}

export interface Told {
  probabilities: Float32Array
  thresholds: readonly number[]
}

export interface Learner {
  name: string
  /** It is also tried with the labels that the queue asks for. */
  queued: boolean
  /** What it says of `rest` after having seen `labelled`; `pool` without its labels is known. */
  learn(labelled: Steps, rest: Steps, pool: Steps): Told
}

const WIDTH = BEHAVIOURS.length
/** Pulls of the last layer; the best is the one to beat. */
const PULLS = [1, 10, 100]

export function createLearners(heads: number, width: number, thresholds: readonly number[]): Learner[] {
  const own = (logits: Float32Array): Float32Array =>
    Float32Array.from(
      { length: logits.length / heads },
      (_, at) => logits[Math.floor(at / WIDTH) * heads * WIDTH + (at % WIDTH)]!,
    )
  const none = ownHead(heads)

  const tuned =
    (pull: number) =>
    (labelled: Steps, rest: Steps): Float32Array => {
      const before = own(labelled.logits)
      const after = own(rest.logits)
      const out = new Float32Array(rest.labels.length)
      for (let column = 0; column < WIDTH; column++) {
        const at = <T extends Float32Array | Uint8Array>(all: T) =>
          all.filter((_, index) => index % WIDTH === column) as T
        const weights = fitLinear(
          { width, features: labelled.features, labels: at(labelled.labels), offsets: at(before) },
          pull,
          1,
        )
        linearLogits({ width, features: rest.features, offsets: at(after) }, weights).forEach(
          (z, step) => (out[step * WIDTH + column] = sigmoid(z)),
        )
      }
      return out
    }

  return [
    {
      name: 'as it is',
      queued: false,
      learn: (_, rest) => ({ probabilities: mixed(rest.logits, none), thresholds }),
    },
    {
      name: 'uniform ensemble',
      queued: false,
      learn: (_, rest) => ({ probabilities: mixed(rest.logits, uniformWeights(heads)), thresholds }),
    },
    {
      name: 'class prior only',
      queued: false,
      learn(labelled, rest) {
        const { shifts } = reweight({ heads, ...labelled })
        return { probabilities: mixed(rest.logits, { ...none, shifts }), thresholds }
      },
    },
    {
      name: 'heads reweighted',
      queued: true,
      learn: (labelled, rest) => ({
        probabilities: mixed(rest.logits, reweight({ heads, ...labelled })),
        thresholds,
      }),
    },
    ...PULLS.map((pull): Learner => ({
      name: `last layer, pull ${pull}`,
      queued: pull === 10,
      learn: (labelled, rest) => ({ probabilities: tuned(pull)(labelled, rest), thresholds }),
    })),
  ]
}
