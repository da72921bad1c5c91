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
      const labelled = new Set(annotations.labelledTraces())
      const open = createLargest(limit)
      const judged = createLargest(limit)
      for (const { traceId, bounds, ...said } of sums.pairs(one.id, other.id)) {
        const labels = labelled.has(traceId) ? annotations.ofTrace(traceId) : []
        for (let step = 0; step < bounds.length / 2; step++)
          for (const column of wanted) {
            const [a, b] = [said.first, said.second].map((all) => all[step * BEHAVIOURS.length + column]!)
            if (a! >= one.thresholds[column]! === b! >= other.thresholds[column]!) continue
            const [start, end] = [bounds[step * 2]!, bounds[step * 2 + 1]!]
            const behaviour = BEHAVIOURS[column]!
            const truth = lastWord(labels, { start, end }, behaviour)?.verdict ?? null
            const candidate = { traceId, behaviour, first: a!, second: b!, start, end, truth }
            ;(truth === null ? open : judged).add(candidate)
          }
      }
      return [...open.all(), ...judged.all()].slice(0, limit).map((candidate) => {
        const { row, response } = traces.get(candidate.traceId)!
        return { ...candidate, run: row.run, ...passage(response, candidate.start, candidate.end) }
      })
    },
  }
}

/** A step on which two models differ, before its words are read. */
type Candidate = Omit<Difference, 'run' | 'before' | 'text' | 'after'>

/** Keeps the largest differences of all that are added, `limit` at most. */
function createLargest(limit: number) {
  const apart = ({ first, second }: Candidate) => Math.abs(first - second)
  const kept: Candidate[] = []
  const trim = () => void kept.sort((a, b) => apart(b) - apart(a)).splice(limit)
  return {
    add(candidate: Candidate): void {
      kept.push(candidate)
      if (kept.length > limit * 2) trim()
    },
    /** The largest first. */
    all(): readonly Candidate[] {
      trim()
      return kept
    },
  }
}
