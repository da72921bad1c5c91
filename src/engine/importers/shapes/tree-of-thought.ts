import type { Json } from '#shared/domain/trace.ts'
import { toBoolean, toKey, toNumber } from './support/coerce.ts'
import { eachOf } from './support/each.ts'
import { isList, isObject, own, ownText, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, share } from './support/shape.ts'

function firstStep(record: JsonObject): JsonObject | null {
  const steps = own(record, 'steps')
  return isList(steps) && isObject(steps[0]) ? steps[0] : null
}

/**
 * tree-of-thought logs (breadth-first search): one trace for each candidate left at the end (`ys`),
 * because each is a whole solution with its own verdict (`infos[i].r`). The search tree (`steps`:
 * candidates, values, selections) belongs to all of them and is some hundred times their length, so
 * only the first candidate's metadata holds it, with `usage_so_far`; the rest share its key (`idx`).
 */
export const treeOfThought = codedShape({
  id: 'tree_of_thought',
  title: 'tree-of-thought search logs',
  detect: (sample) =>
    0.95 *
    share(sample, (record) => {
      const step = firstStep(record)
      return (
        isList(own(record, 'ys')) &&
        step !== null &&
        (Object.hasOwn(step, 'new_ys') || Object.hasOwn(step, 'ys'))
      )
    }),
  read(record) {
    const candidates = own(record, 'ys')
    if (!isList(candidates) || candidates.length === 0)
      throw rejection('no_response', noResponse('ys', kindOf(candidates)))
    const infos = own(record, 'infos')
    const zipped = isList(infos) && infos.length === candidates.length
    const step = firstStep(record)
    const shared = without(record, ['ys', 'steps', 'usage_so_far', ...(zipped ? ['infos'] : [])])
    const first = candidates.findIndex((response) => typeof response === 'string')
    return eachOf(candidates, (response, index) => {
      if (typeof response !== 'string') return noResponse(`ys[${index}]`, kindOf(response))
      const info = zipped ? (infos[index] as Json) : null
      const verdict = isObject(info) ? own(info, 'r') : undefined
      const metadata: Record<string, Json> = { ...shared, ...(info === null ? {} : { info }) }
      if (index === first) Object.assign(metadata, without(record, ['ys', 'infos', 'idx']))
      return {
        ...blankTrace((step === null ? null : ownText(step, 'x')) ?? '', response, metadata),
        key: toKey(own(record, 'idx')),
        sample: index,
        reward: toNumber(verdict),
        correct: toBoolean(verdict),
      }
    })
  },
})
