import { BEHAVIOURS } from '../behaviours.ts'
import { sigmoid } from '../adapt/adaptation.ts'
import type { HeadWeights } from './reweight.ts'

const WIDTH = BEHAVIOURS.length

/**
 * How far heads disagree about steps, in bits, of all behaviours together: the mutual information between a step's
 * labels and which head is right (Houlsby et al. 2011). 0 where all say the same, however unsure they are.
 * @param logits steps × heads × behaviours
 */
export function disagreement(logits: Float32Array, { heads, weights, shifts }: HeadWeights): Float32Array {
  const row = heads * WIDTH
  return Float32Array.from({ length: logits.length / row }, (_, step) => {
    let bits = 0
    for (let behaviour = 0; behaviour < WIDTH; behaviour++) {
      let [mean, sure] = [0, 0]
      for (let at = behaviour; at < row; at += WIDTH) {
        const p = sigmoid(logits[step * row + at]! + shifts[at]!)
        mean += weights[at]! * p
        sure += weights[at]! * entropy(p)
      }
      bits += Math.max(0, entropy(mean) - sure)
    }
    return bits
  })
}

/** A step that may be asked for. */
export interface Candidate {
  /** Steps of one trace are asked for one after another only where nothing else is left. */
  trace: number
  text: string
  disagreement: number
  /** What it is compared by: like steps are not asked for one after another. */
  features: Float32Array
}

/** What a sentence is known by: the same words, whatever their case and spaces. */
export const sentenceKey = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim()

/** A step of a trace that was asked for already is worth so much less. */
const SAME_TRACE = 0.6

/**
 * The order in which to ask: greedily the step with the most disagreement times its distance to what was asked for
 * before (1 − the largest cosine). No sentence comes twice.
 * @param known sentences that are labelled already, by `sentenceKey`
 * @returns indices into `candidates`
 */
export function pickDiverse(
  candidates: readonly Candidate[],
  count: number,
  known: ReadonlySet<string> = new Set(),
): number[] {
  const sentences = new Set(known)
  const units = candidates.map(({ features }) => unit(features))
  const distance = new Float32Array(candidates.length).fill(1)
  const asked = new Map<number, number>()
  const open = new Set(candidates.keys())
  const keys = candidates.map(({ text }) => sentenceKey(text))
  const picked: number[] = []
  while (picked.length < count) {
    let [best, most] = [-1, -1]
    for (const index of open) {
      if (sentences.has(keys[index]!)) {
        open.delete(index)
        continue
      }
      const { disagreement, trace } = candidates[index]!
      const worth = disagreement * distance[index]! * SAME_TRACE ** (asked.get(trace) ?? 0)
      if (worth > most) [best, most] = [index, worth]
    }
    if (best < 0) break
    picked.push(best)
    open.delete(best)
    sentences.add(keys[best]!)
    const { trace } = candidates[best]!
    asked.set(trace, (asked.get(trace) ?? 0) + 1)
    for (const index of open) {
      let cosine = 0
      for (let at = 0; at < units[best]!.length; at++) cosine += units[best]![at]! * units[index]![at]!
      distance[index] = Math.min(distance[index]!, 1 - cosine)
    }
  }
  return picked
}

function entropy(p: number): number {
  if (p <= 1e-9 || p >= 1 - 1e-9) return 0
  return -p * Math.log2(p) - (1 - p) * Math.log2(1 - p)
}

function unit(features: Float32Array): Float32Array {
  const length = Math.hypot(...features) || 1
  return features.map((value) => value / length)
}
