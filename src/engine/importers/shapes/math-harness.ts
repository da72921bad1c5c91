import type { Json, TraceDraft } from '#shared/domain/trace.ts'
import { toBoolean, toKey, toNumber, toReference } from './support/coerce.ts'
import { eachOf } from './support/each.ts'
import { isList, own, ownText, put, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, share } from './support/shape.ts'

/** Lists the harness writes with one element a generation. */
const ZIPPED = ['pred', 'report', 'score', 'finish_reason', 'code_length']

/**
 * Results of the Qwen2.5-Math evaluation harness: `code` holds the generations of one question, `pred`,
 * `report` and `score` their answers and verdicts. One trace a generation; `gt` is the reference.
 */
export const mathHarness = codedShape({
  id: 'math_harness',
  title: 'Qwen2.5-Math harness results',
  detect: (sample) =>
    0.95 *
    share(
      sample,
      (record) =>
        isList(own(record, 'code')) && own(record, 'gt') !== undefined && isList(own(record, 'pred')),
    ),
  read(record) {
    const code = own(record, 'code')
    if (!isList(code) || code.length === 0) throw rejection('no_response', noResponse('code', kindOf(code)))
    return eachOf(code, (response, index) =>
      typeof response === 'string'
        ? traceOf(record, code.length, response, index)
        : noResponse(`code[${index}]`, kindOf(response)),
    )
  },
})

function traceOf(record: JsonObject, count: number, response: string, index: number): TraceDraft {
  const score = own(record, 'score')
  const verdict = isList(score) ? score[index] : score
  const correct = toBoolean(verdict)
  const metadata: Record<string, Json> = {}
  for (const [key, value] of Object.entries(without(record, ['question', 'code', 'gt', 'idx']))) {
    if (key === 'score' && correct !== null && (!isList(value) || value.length === count)) continue
    const own = ZIPPED.includes(key) && isList(value) && value.length === count
    put(metadata, key, own ? (value[index] as Json) : value)
  }
  return {
    ...blankTrace(ownText(record, 'question') ?? '', response, metadata),
    key: toKey(own(record, 'idx')),
    sample: index,
    reference: toReference(own(record, 'gt')),
    reward: typeof verdict === 'number' ? toNumber(verdict) : null,
    correct,
  }
}
