import type { Handlers } from '#shared/contract/contract.ts'
import { models, type Difference } from '#shared/contract/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { createPairCounts } from '#shared/domain/evaluation/agreement.ts'
import { passage } from '#shared/domain/evaluation/readable.ts'
import { createThresholdCounts } from '#shared/domain/evaluation/threshold-counts.ts'
import { lastWord } from '#shared/domain/last-word.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { Db } from '../db/connection.ts'
import { createModelSums, type StoredModel } from '../db/model-sums.ts'
import type { TraceStore } from '../db/traces.ts'

/** What of the models a thread that only reads can answer. */
export const modelReading = {
  'models.predicted': models['models.predicted'],
  'models.counts': models['models.counts'],
  'models.agreement': models['models.agreement'],
  'models.differences': models['models.differences'],
}

/** Differences of which the largest are looked at more closely, for each answer wanted. */
const SPARE = 4

/** Sums over the predictions of the workspace. */
export function createModelReading(
  db: Db,
  traces: TraceStore,
  annotations: AnnotationStore,
): Handlers<typeof modelReading> {
  const sums = createModelSums(db)
  const find = ({ model, version }: { model: string; version: string }): StoredModel => {
    const found = sums.find(model, version)
    if (found === null)
      throw new CairnError('not_found', `The workspace has no predictions of ${model} ${version}.`, { model })
    return found
  }

  /** What people say of a step: the last word. */
  const truthOf = ({ traceId, behaviour, ...step }: Candidate): Difference['truth'] =>
    lastWord(annotations.ofTrace(traceId), step, behaviour)?.verdict ?? null

  return {
    'models.predicted': () => sums.predicted(),

    'models.counts'(model) {
      const counts = createThresholdCounts()
      for (const probabilities of sums.probabilities(find(model).id)) counts.add(probabilities)
      return counts.finish()
    },

    'models.agreement'({ first, second }) {
      const [one, other] = [find(first), find(second)]
      const counts = createPairCounts()
      let [compared, steps] = [0, 0]
      for (const pair of sums.pairs(one.id, other.id)) {
        counts.add(pair.first, pair.second, [one.thresholds, other.thresholds])
        compared++
        steps += pair.bounds.length / 2
      }
      return { traces: compared, steps, behaviours: counts.finish() }
    },

    'models.differences'({ first, second, behaviour, limit }) {
      const [one, other] = [find(first), find(second)]
      const wanted = behaviour === undefined ? [...BEHAVIOURS.keys()] : [BEHAVIOURS.indexOf(behaviour)]
      const largest: Candidate[] = []
      const room = limit * SPARE
      const trim = () => void largest.sort((a, b) => b.apart - a.apart).splice(room)
      for (const { traceId, bounds, ...said } of sums.pairs(one.id, other.id)) {
        for (let step = 0; step < bounds.length / 2; step++)
          for (const column of wanted) {
            const [a, b] = [said.first, said.second].map((all) => all[step * BEHAVIOURS.length + column]!)
            if (a! >= one.thresholds[column]! === b! >= other.thresholds[column]!) continue
            const [start, end] = [bounds[step * 2]!, bounds[step * 2 + 1]!]
            const apart = Math.abs(a! - b!)
            largest.push({
              traceId,
              behaviour: BEHAVIOURS[column]!,
              first: a!,
              second: b!,
              start,
              end,
              apart,
            })
          }
        if (largest.length > room * 2) trim()
      }
      trim()
      return largest
        .map((candidate) => ({ ...candidate, truth: truthOf(candidate) }))
        .sort((a, b) => Number(a.truth !== null) - Number(b.truth !== null))
        .slice(0, limit)
        .map(({ apart: _, ...candidate }) => {
          const { row, response } = traces.get(candidate.traceId)!
          return { ...candidate, run: row.run, ...passage(response, candidate.start, candidate.end) }
        })
    },
  }
}

/** A step on which two models differ, and by how much. */
interface Candidate extends Pick<Difference, 'traceId' | 'behaviour' | 'first' | 'second' | 'start' | 'end'> {
  apart: number
}
