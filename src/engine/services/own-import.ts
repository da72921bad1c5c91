import type { LabelImport } from '#shared/contract/labels.ts'
import { thresholdOf, type OwnBehaviour } from '#shared/contract/own.ts'
import type { InterchangeOwnPrediction, InterchangeTrace } from '#shared/domain/interchange/types.ts'
import { SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import { countOne } from '#shared/domain/counts.ts'
import { isLater, lastSaid } from '#shared/domain/last-said.ts'
import type { Clock } from '../clock.ts'
import type { Change } from '../db/history.ts'
import type { OwnStore, StoredBehaviour } from '../db/own.ts'
import type { TraceStore } from '../db/traces.ts'
import type { History } from './history.ts'

interface Deps {
  own: OwnStore
  traces: TraceStore
  history: Pick<History, 'remember'>
  clock: Clock
}

/**
 * Attaches what a row of a label file says of behaviours of people's own to a trace; behaviours that the workspace does
 * not have are made. Labels that are there stay, unless their person says otherwise later. Predictions are taken where none
 * counts, unless the workspace has a head of that name that is another one.
 * @returns whether the trace has got labels
 */
export function createOwnImport({ own, traces, history, clock }: Deps) {
  const find = (name: string, result: LabelImport): StoredBehaviour => {
    const known = own.named(name)
    if (known !== null) return known
    result.own.behaviours++
    return own.create(name, '', clock.now())!
  }

  return (row: InterchangeTrace, traceId: number, textHash: string, result: LabelImport): boolean => {
    let labelled = false
    const replacing: Change[] = []
    const last = lastSaid(row.own.labels)
    result.outdated += row.own.labels.length - last.length
    for (const { behaviour: name, at, ...label } of last) {
      const { id: behaviour } = find(name, result)
      const after = { ...label, traceId, behaviour, at: at ?? clock.now(), textHash }
      const before = own.label(after)
      if (before?.verdict === after.verdict) {
        result.own.duplicates++
        // As new as it was said last, so that the order of files makes no difference.
        if (at !== null && isLater(at, before.at)) {
          own.putLabel({ ...before, at })
          labelled = true
        }
      } else if (before !== null && !isLater(at, before.at)) result.outdated++
      else {
        own.putLabel(after)
        result.own.added++
        labelled = true
        if (before === null) continue
        replacing.push({ kind: 'own-label', name, before, after })
        result.replaced++
      }
    }
    history.remember({ traceId, annotator: null }, replacing)
    if (row.own.predictions.length === 0) return labelled
    const { bounds, segmenter: known } = traces.get(traceId)!
    // Steps of a trace that is not classified are the segmenter's of today.
    const segmenter = known ?? SEGMENTER_VERSION
    if (row.segmenter !== segmenter || !sameSteps(bounds, row.bounds)) return labelled
    for (const said of row.own.predictions) {
      const { id, head } = find(said.behaviour, result)
      if (own.hasPrediction(id, traceId) || (head !== null && !isOf(said, head))) continue
      const probabilities = decodeProbabilities(encodeProbabilities(said.probabilities))
      const counts = countOne(probabilities, said.threshold)
      own.store(id, said, [{ traceId, segmenter, probabilities, ...counts }])
      result.own.predictions++
    }
    return labelled
  }
}

const sameSteps = (bounds: Uint32Array | null, given: Uint32Array | null) =>
  bounds === null || (given?.length === bounds.length && bounds.every((at, index) => at === given[index]))

const isOf = (said: InterchangeOwnPrediction, head: NonNullable<OwnBehaviour['head']>) =>
  said.version === head.version && said.model === head.model && said.threshold === thresholdOf(head)
